package io.seine.agent.kube;

/**
 * An object as an Event names it.
 *
 * @param apiVersion for example {@code v1}
 * @param kind for example {@code Service}
 * @param uid empty if not known
 */
public record ObjectRef(String apiVersion, String kind, ObjectKey key, String uid) {
  public static ObjectRef node(String name, String uid) {
    return new ObjectRef("v1", "Node", new ObjectKey("", name), uid);
  }

  @Override
  public String toString() {
    return kind + " " + key;
  }
}
