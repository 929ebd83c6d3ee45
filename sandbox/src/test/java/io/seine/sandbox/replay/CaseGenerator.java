package io.seine.sandbox.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.verdict.Transport;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Makes cases up: the same seed, the same case. What they expect is left open. There are few
 * labels, names and numbers, so that much overlaps.
 */
public final class CaseGenerator {
  static final List<Integer> PORTS = List.of(80, 81, 8080, 8085, 9090, 53, 5060, 1, 65535, 3333);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> NAMESPACES = List.of("x", "y", "z");
  private static final List<Transport> TRANSPORTS =
      List.of(Transport.TCP, Transport.UDP, Transport.SCTP, Transport.ICMP);
  private static final int PROBES = 36;

  private final long seed;
  private final Random random;
  private final PolicyGenerator policies;
  private final List<Family> families;

  public CaseGenerator(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
    this.families =
        switch (random.nextInt(6)) {
          case 0 -> List.of(Family.IPV6);
          case 1, 2 -> List.of(Family.IPV4, Family.IPV6);
          default -> List.of(Family.IPV4);
        };
    this.policies = new PolicyGenerator(random, families);
  }

  public Case make() {
    boolean isolate = random.nextInt(5) == 0;
    Map<String, List<Ip>> outside = new LinkedHashMap<>();
    outside.put("client", List.of());
    outside.put("other", List.of());
    Scene start = start();
    List<Step> steps = new ArrayList<>();
    Scene scene = start;
    int count = 2 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      List<Change> changes = new ArrayList<>();
      Scene before = scene;
      int many = i == 0 ? 2 + random.nextInt(6) : 1 + random.nextInt(3);
      for (int j = 0; j < many; j++) {
        Optional<Change> change = i == 0 ? Optional.of(policy(scene)) : change(scene);
        List<Change> more = new ArrayList<>(changes);
        change.ifPresent(more::add);
        try {
          scene = Edits.after(before, Edits.inOrderOfFiles(more));
          changes = more;
        } catch (CaseException e) {
          // It is about what another change of the step has made or deleted.
        }
      }
      steps.add(new Step("", Edits.inOrderOfFiles(changes), scene, probes(scene)));
    }
    return new Case(
        "random " + seed,
        "Made up by the generator.",
        "",
        isolate,
        families,
        outside,
        start,
        steps);
  }

  private Scene start() {
    Scene scene = Scene.EMPTY;
    int nodes = 2 + (random.nextInt(5) == 0 ? 1 : 0);
    for (int i = 1; i <= nodes; i++) {
      scene = scene.withNode("n" + i, Map.of("zone", policies.one("a", "b")));
    }
    for (String namespace : NAMESPACES) {
      scene = scene.after(new Change.AddNamespace(namespace, namespaceLabels()));
    }
    int pods = 4 + random.nextInt(4);
    for (int i = 1; i <= pods; i++) {
      scene = scene.after(new Change.AddPod(pod(scene, "p" + i)));
    }
    return scene;
  }

  private Map<String, String> namespaceLabels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("team", policies.one("red", "blue"));
    if (random.nextBoolean()) {
      labels.put("env", policies.one("prod", "dev"));
    }
    if (random.nextInt(6) == 0) {
      labels.put("seine.io/isolation", policies.one("enabled", "disabled"));
    }
    return labels;
  }

  private PodSpec pod(Scene scene, String name) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("app", policies.one("a", "b", "c"));
    if (random.nextBoolean()) {
      labels.put("tier", policies.one("front", "back"));
    }
    List<PodInfo.NamedPort> ports = new ArrayList<>();
    if (random.nextBoolean()) {
      ports.add(
          new PodInfo.NamedPort(
              "web", random.nextInt(5) == 0 ? "UDP" : "TCP", random.nextBoolean() ? 80 : 8080));
    }
    if (random.nextInt(3) == 0) {
      ports.add(new PodInfo.NamedPort("dns", "UDP", 53));
    }
    if (random.nextInt(4) == 0) {
      ports.add(new PodInfo.NamedPort("sip", "SCTP", 5060));
    }
    return new PodSpec(
        new ObjectKey(policies.one(scene.namespaces().keySet().toArray(String[]::new)), name),
        policies.one(scene.nodes().keySet().toArray(String[]::new)),
        labels,
        ports,
        random.nextInt(16) == 0);
  }

  private Change policy(Scene scene) {
    return new Change.Apply(
        random.nextInt(5) < 3
            ? policies.networkPolicy(scene, "np" + random.nextInt(5))
            : policies.clusterPolicy(scene, "cnp" + random.nextInt(4)));
  }

  private Optional<Change> change(Scene scene) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> Optional.of(policy(scene));
      case 4, 5 ->
          any(List.copyOf(scene.policies().values()))
              .map(p -> new Change.Delete(p.kind(), p.key()));
      case 6, 7 -> any(List.copyOf(scene.pods().values())).map(this::relabel);
      case 8 -> any(List.copyOf(scene.namespaces().keySet())).map(this::relabelNamespace);
      case 9 ->
          any(List.copyOf(scene.nodes().keySet()))
              .map(node ->
                  new Change.Labels(
                      "Node",
                      new ObjectKey("", node),
                      Map.of("zone", Optional.of(policies.one("a", "b")))));
      case 10 ->
          Optional.of(new Change.AddPod(pod(scene, "q" + random.nextInt(3))))
              .filter(added -> !scene.pods().containsKey(added.pod().key()))
              .map(added -> added);
      default ->
          random.nextInt(4) == 0 && scene.namespaces().size() > 1
              ? any(List.copyOf(scene.namespaces().keySet()))
                  .map(name -> new Change.Delete("Namespace", new ObjectKey("", name)))
              : any(List.copyOf(scene.pods().keySet())).map(key -> new Change.Delete("Pod", key));
    };
  }

  private Change relabel(PodSpec pod) {
    Map<String, Optional<String>> labels = new LinkedHashMap<>();
    if (random.nextBoolean()) {
      labels.put("app", Optional.of(policies.one("a", "b", "c")));
    } else {
      labels.put(
          "tier",
          random.nextBoolean() ? Optional.empty() : Optional.of(policies.one("front", "back")));
    }
    return new Change.Labels("Pod", pod.key(), labels);
  }

  private Change relabelNamespace(String name) {
    Map<String, Optional<String>> labels = new LinkedHashMap<>();
    switch (random.nextInt(3)) {
      case 0 -> labels.put("team", Optional.of(policies.one("red", "blue")));
      case 1 -> labels.put("env", Optional.empty());
      default -> labels.put("seine.io/isolation", Optional.of(policies.one("enabled", "disabled")));
    }
    return new Change.Labels("Namespace", new ObjectKey("", name), labels);
  }

  private <T> Optional<T> any(List<T> all) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }

  /** Connections with a pod at one end at least, and not to itself. */
  private List<Probe> probes(Scene scene) {
    List<String> pods = scene.pods().keySet().stream().map(ObjectKey::toString).toList();
    List<String> all = new ArrayList<>(pods);
    all.addAll(scene.nodes().keySet());
    all.addAll(List.of("client", "other"));
    Set<Probe> probes = new LinkedHashSet<>();
    for (int i = 0; i < PROBES && !pods.isEmpty(); i++) {
      String one = any(pods).orElseThrow();
      String other = any(random.nextInt(3) == 0 ? all : pods).orElseThrow();
      boolean turned = random.nextBoolean();
      Transport transport = TRANSPORTS.get(Math.max(0, random.nextInt(7) - 3));
      if (!one.equals(other) && !sameNode(scene, one, other)) {
        probes.add(
            new Probe(
                turned ? other : one,
                turned ? one : other,
                transport,
                transport == Transport.ICMP ? 0 : any(PORTS).orElseThrow(),
                any(families).orElseThrow(),
                Outcome.ALLOWED));
      }
    }
    return List.copyOf(probes);
  }

  /** A node and a pod on its own network are one, or two nodes; neither is anybody's policy. */
  private static boolean sameNode(Scene scene, String one, String other) {
    return isNode(scene, one) && (isNode(scene, other) || !isPod(scene, other));
  }

  private static boolean isPod(Scene scene, String actor) {
    return scene.pods().containsKey(CaseFile.key(actor));
  }

  private static boolean isNode(Scene scene, String actor) {
    PodSpec pod = scene.pods().get(CaseFile.key(actor));
    return pod == null ? scene.nodes().containsKey(actor) : pod.hostNetwork();
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }
}
