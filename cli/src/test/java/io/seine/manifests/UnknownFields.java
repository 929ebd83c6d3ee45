package io.seine.manifests;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;

/**
 * What the API's model does not know. The model's classes keep fields that they have no property
 * for in {@code additionalProperties}, where an API server would refuse them; this looks into all
 * of these, through the whole object.
 */
final class UnknownFields {

  private UnknownFields() {}

  /**
   * Adds the path of every unknown field in {@code value}, which is at {@code path}, to {@code
   * found}.
   */
  static void find(Object value, String path, List<String> found)
      throws ReflectiveOperationException {
    switch (value) {
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          find(list.get(i), path + "[" + i + "]", found);
        }
      }
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          find(entry.getValue(), path + "." + entry.getKey(), found);
        }
      }
      default -> {
        if (value.getClass().getName().startsWith("io.fabric8.kubernetes.api.model.")) {
          inModel(value, path, found);
        }
      }
    }
  }

  private static void inModel(Object value, String path, List<String> found)
      throws ReflectiveOperationException {
    for (Method method : value.getClass().getMethods()) {
      if (!method.getName().startsWith("get")
          || method.getParameterCount() != 0
          || method.isSynthetic()) {
        continue;
      }
      Object property = method.invoke(value);
      if (method.getName().equals("getAdditionalProperties")
          && property instanceof Map<?, ?> unknown) {
        unknown.keySet().forEach(field -> found.add(path + "." + field));
      } else if (property != null && method.getDeclaringClass() == value.getClass()) {
        String name = method.getName().substring(3);
        find(
            property,
            path + "." + Character.toLowerCase(name.charAt(0)) + name.substring(1),
            found);
      }
    }
  }
}
