package io.seine.sandbox.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.verdict.Transport;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the YAML text of a case. {@code docs/policy-cases.md} says what may be in it. */
public final class CaseFile {
  private static final Pattern NAMED_PORT = Pattern.compile("([-a-z0-9]+)=([A-Z]+)/([0-9]+)");
  private static final Pattern SERVICE_PORT = Pattern.compile("([A-Z]+)/([0-9]+)->([0-9]+)");

  private CaseFile() {}

  /**
   * Reads a case.
   *
   * @throws CaseException if the text is none, with the place of the mistake
   */
  public static Case read(String text) {
    Yaml yaml = Yaml.parse(text);
    yaml.onlyHas(
        "case",
        "about",
        "reference",
        "isolateNamespaces",
        "families",
        "nodes",
        "namespaces",
        "pods",
        "services",
        "outside",
        "steps");
    List<Family> families = yaml.texts("families").stream().map(CaseFile::family).toList();
    List<Family> served = families.isEmpty() ? List.of(Family.IPV4) : families;
    Map<String, List<Ip>> outside = outside(yaml);
    Scene start = start(yaml);
    List<Step> steps = new ArrayList<>();
    Scene scene = start;
    for (Yaml step : yaml.mappings("steps")) {
      try {
        steps.add(step(step, scene, served, outside));
      } catch (CaseException e) {
        throw new CaseException("%s: %s".formatted(step.place(), e.getMessage()), e);
      }
      scene = steps.getLast().scene();
    }
    return new Case(
        yaml.text("case"),
        yaml.text("about"),
        yaml.text("reference"),
        yaml.flag("isolateNamespaces"),
        served,
        outside,
        start,
        steps);
  }

  private static Family family(String text) {
    return Family.valueOf(text.toUpperCase(Locale.ROOT));
  }

  private static Map<String, List<Ip>> outside(Yaml yaml) {
    Map<String, List<Ip>> outside = new LinkedHashMap<>();
    if (yaml.map().get("outside") instanceof List<?>) {
      yaml.texts("outside").forEach(name -> outside.put(name, List.of()));
      return outside;
    }
    Yaml hosts = yaml.mapping("outside");
    for (String host : hosts.keys()) {
      List<String> addresses =
          hosts.map().get(host) instanceof List<?> ? hosts.texts(host) : List.of(hosts.text(host));
      outside.put(host, addresses.stream().map(Ip::parse).toList());
    }
    return outside;
  }

  private static Scene start(Yaml yaml) {
    Scene scene = Scene.EMPTY;
    if (yaml.map().get("nodes") instanceof List<?>) {
      for (String node : yaml.texts("nodes")) {
        scene = scene.withNode(node, Map.of());
      }
    } else {
      Yaml nodes = yaml.mapping("nodes");
      for (String node : nodes.keys()) {
        scene = scene.withNode(node, nodes.mapping(node).labels());
      }
    }
    for (Change change : additions(yaml)) {
      scene = scene.after(change);
    }
    return scene;
  }

  private static Step step(
      Yaml yaml, Scene before, List<Family> families, Map<String, List<Ip>> outside) {
    yaml.onlyHas(
        "say", "delete", "namespaces", "pods", "services", "labels", "domains", "apply", "expect");
    List<Change> changes = new ArrayList<>();
    yaml.texts("delete").forEach(name -> changes.add(deletion(name)));
    changes.addAll(additions(yaml));
    Yaml labels = yaml.mapping("labels");
    for (String name : labels.keys()) {
      String[] parts = words(name);
      Map<String, Optional<String>> wanted = new LinkedHashMap<>();
      labels
          .mapping(name)
          .map()
          .forEach((key, value) ->
              wanted.put(String.valueOf(key), Optional.ofNullable(value).map(String::valueOf)));
      changes.add(new Change.Labels(parts[0], key(parts[1]), wanted));
    }
    Yaml domains = yaml.mapping("domains");
    for (String name : domains.keys()) {
      changes.add(new Change.Resolve(name, domains.texts(name)));
    }
    yaml.mappings("apply").forEach(manifest -> changes.add(new Change.Apply(manifest(manifest))));
    Scene scene = before;
    for (Change change : changes) {
      scene = scene.after(change);
    }
    List<Probe> probes = TableText.parse(yaml.text("expect"), scene, families, outside.keySet());
    return new Step(yaml.text("say"), changes, scene, probes);
  }

  private static List<Change> additions(Yaml yaml) {
    List<Change> changes = new ArrayList<>();
    Yaml namespaces = yaml.mapping("namespaces");
    for (String name : namespaces.keys()) {
      changes.add(new Change.AddNamespace(name, namespaces.mapping(name).labels()));
    }
    Yaml pods = yaml.mapping("pods");
    for (String name : pods.keys()) {
      changes.add(new Change.AddPod(pod(key(name), pods.mapping(name))));
    }
    Yaml services = yaml.mapping("services");
    for (String name : services.keys()) {
      changes.add(new Change.AddService(service(key(name), services.mapping(name))));
    }
    return changes;
  }

  private static PodSpec pod(ObjectKey key, Yaml yaml) {
    yaml.onlyHas("node", "labels", "ports", "hostNetwork");
    return new PodSpec(
        key,
        yaml.text("node"),
        yaml.mapping("labels").labels(),
        yaml.texts("ports").stream().map(CaseFile::namedPort).toList(),
        yaml.flag("hostNetwork"));
  }

  private static PodInfo.NamedPort namedPort(String text) {
    Matcher matcher = matched(NAMED_PORT, text, "web=TCP/8080");
    return new PodInfo.NamedPort(
        matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)));
  }

  private static ServiceSpec service(ObjectKey key, Yaml yaml) {
    yaml.onlyHas("selector", "ports");
    List<ServiceSpec.Port> ports = new ArrayList<>();
    for (String text : yaml.texts("ports")) {
      Matcher matcher = matched(SERVICE_PORT, text, "TCP/80->8080");
      ports.add(
          new ServiceSpec.Port(
              Transport.valueOf(matcher.group(1)),
              Integer.parseInt(matcher.group(2)),
              Integer.parseInt(matcher.group(3))));
    }
    return new ServiceSpec(key, yaml.mapping("selector").labels(), ports);
  }

  private static Matcher matched(Pattern pattern, String text, String example) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new CaseException("'%s' is not written like %s".formatted(text, example));
    }
    return matcher;
  }

  private static Manifest manifest(Yaml yaml) {
    ObjectNode body = (ObjectNode) yaml.json();
    String kind = yaml.text("kind");
    if (!kind.equals(Manifest.NETWORK_POLICY) && !kind.equals(Manifest.CLUSTER_POLICY)) {
      throw new CaseException(yaml.place() + " is no policy but of kind '" + kind + "'");
    }
    if (!body.has("apiVersion")) {
      body.put("apiVersion", Manifest.apiVersion(kind));
    }
    ObjectKey key =
        new ObjectKey(
            body.path("metadata").path("namespace").asText(),
            body.path("metadata").path("name").asText());
    return new Manifest(kind, key, body);
  }

  private static Change deletion(String text) {
    String[] parts = words(text);
    return new Change.Delete(parts[0], key(parts[1]));
  }

  private static String[] words(String text) {
    String[] parts = text.split(" ", -1);
    if (parts.length != 2) {
      throw new CaseException("'%s' is not written like 'Pod x/a'".formatted(text));
    }
    return parts;
  }

  static ObjectKey key(String text) {
    int slash = text.indexOf('/');
    return new ObjectKey(slash < 0 ? "" : text.substring(0, slash), text.substring(slash + 1));
  }
}
