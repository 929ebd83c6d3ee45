package io.seine.sandbox;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.explain.TracedPacket;
import io.seine.sandbox.PacketProber.Attempt;
import io.seine.sandbox.PacketProber.Listener;
import io.seine.sandbox.PacketProber.Transport;
import io.seine.sandbox.control.Conflicts;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.replay.AddressBook;
import io.seine.sandbox.replay.Case;
import io.seine.sandbox.replay.Change;
import io.seine.sandbox.replay.EvaluatorExecutor;
import io.seine.sandbox.replay.Executor;
import io.seine.sandbox.replay.Finding;
import io.seine.sandbox.replay.Manifest;
import io.seine.sandbox.replay.Outcome;
import io.seine.sandbox.replay.PodSpec;
import io.seine.sandbox.replay.Probe;
import io.seine.sandbox.replay.Scene;
import io.seine.sandbox.replay.ServiceSpec;
import io.seine.sandbox.replay.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Plays cases in a sandbox: their objects are made in its API, their connections between real pods,
 * nodes and hosts outside. The nodes of a case are the first of the cluster. A step's answers are
 * those that it expects as soon as all are so, or else the last ones; then what led to them is
 * printed.
 */
final class PacketExecutor implements Executor {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration ANSWERS = Duration.ofSeconds(8);
  private static final Duration ONE = Duration.ofMillis(300);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int SOURCE_PORT = 40_000;
  private final ServiceCluster cluster;
  private final KubernetesClient client;
  private List<String> nodes = List.of();
  private Map<String, Place> outside = Map.of();
  private Scene scene = Scene.EMPTY;
  private final PacketProber prober = new PacketProber();

  PacketExecutor(ServiceCluster cluster) {
    this.cluster = cluster;
    this.client = cluster.view().client();
  }

  @Override
  public void begin(Case next) {
    withdraw(scene);
    nodes = List.copyOf(next.start().nodes().keySet());
    outside = new HashMap<>();
    next.outside().forEach((name, addresses) -> outside.put(name, outside(addresses)));
    Scene before = scene;
    scene = next.start();
    before.pods().values().stream().filter(pod -> !stays(pod)).forEach(this::removePod);
    before.namespaces().keySet().stream()
        .filter(name -> !scene.namespaces().containsKey(name))
        .forEach(name -> delete("Namespace", new ObjectKey("", name)));
    scene.nodes().forEach((name, labels) -> labelNode(name, present(labels)));
    scene
        .namespaces()
        .forEach((name, labels) -> {
          Map<String, String> old = before.namespaces().get(name);
          if (old == null) {
            addNamespace(name, labels);
          } else {
            label("Namespace", new ObjectKey("", name), difference(old, labels));
          }
        });
    for (PodSpec pod : scene.pods().values()) {
      PodSpec old = before.pods().get(pod.key());
      if (old == null || !stays(old)) {
        addPod(pod);
      } else {
        label("Pod", pod.key(), difference(old.labels(), pod.labels()));
      }
    }
    scene.services().values().forEach(this::addService);
    awaitPods();
    scene.policies().values().forEach(this::apply);
  }

  /** Whether the next case has the same pod, whatever labels it has there. */
  private boolean stays(PodSpec pod) {
    PodSpec next = scene.pods().get(pod.key());
    return next != null
        && next.node().equals(pod.node())
        && next.ports().equals(pod.ports())
        && next.hostNetwork() == pod.hostNetwork();
  }

  private static Map<String, Optional<String>> difference(
      Map<String, String> old, Map<String, String> labels) {
    Map<String, Optional<String>> changes = new HashMap<>();
    old.keySet().forEach(key -> changes.put(key, Optional.empty()));
    changes.putAll(present(labels));
    return changes;
  }

  private void removePod(PodSpec pod) {
    delete("Pod", pod.key());
  }

  /** The host with these addresses; any, where the case does not say which it has. */
  private Place outside(List<Ip> addresses) {
    List<String> texts = addresses.stream().map(Ip::toString).toList();
    Place place =
        Stream.of(cluster.outside(1), cluster.outside(2))
            .filter(p -> p.addresses().containsAll(texts) && !outside.containsValue(p))
            .findFirst()
            .orElseThrow();
    for (int node = 1; node <= cluster.nodes().size(); node++) {
      for (String cidr : cluster.sandboxNode(node).podCidrs()) {
        cluster.route(place, cidr, node);
      }
    }
    return place;
  }

  @Override
  public Map<Probe, Finding> perform(Step step) {
    change(step);
    Map<Probe, Finding> findings = new HashMap<>();
    answers(step.probes()).forEach((probe, found) -> findings.put(probe, Finding.of(found)));
    return findings;
  }

  /**
   * Makes the step's changes and asks its probes, expecting what the API's documents say of the
   * addresses that the actors have here.
   *
   * @return the answers, with those expectations
   */
  Map<Probe, Outcome> performAsJudged(Step step) {
    change(step);
    return answers(
        EvaluatorExecutor.judge(step, addresses(), false).entrySet().stream()
            .map(e -> e.getKey().expecting(e.getValue().outcome()))
            .toList());
  }

  private void change(Step step) {
    for (Change change : step.changes()) {
      make(change);
      scene = scene.after(change);
    }
    awaitPods();
  }

  private Map<Probe, Outcome> answers(List<Probe> probes) {
    Map<Probe, Attempt> attempts = new LinkedHashMap<>();
    probes.forEach(probe -> attempts.put(probe, attempt(probe)));
    long end = System.nanoTime() + ANSWERS.toNanos();
    Map<Probe, Outcome> found = ask(attempts);
    while (!asExpected(found) && System.nanoTime() < end) {
      found = ask(attempts);
    }
    if (!asExpected(found)) {
      Diagnostics.wrong(cluster.view(), wrong(found));
    }
    return found;
  }

  /** The wrong answers, as far as pods gave them to pods. */
  private List<PacketEvidence.Asked> wrong(Map<Probe, Outcome> found) {
    AddressBook book = addresses();
    Map<String, PodSpec> pods = new HashMap<>();
    scene.pods().values().stream()
        .filter(pod -> !pod.hostNetwork())
        .forEach(pod -> pods.put(pod.key().toString(), pod));
    List<PacketEvidence.Asked> wrong = new ArrayList<>();
    found.forEach((probe, outcome) -> {
      PodSpec from = pods.get(probe.source());
      PodSpec to = pods.get(probe.destination());
      if (from != null && to != null && probe.expected().opens() != outcome.opens()) {
        wrong.add(
            new PacketEvidence.Asked(
                "%s: expected %s, found %s"
                    .formatted(probe, probe.expected().cell(), outcome.cell()),
                cluster.sandboxNode(number(from.node())),
                book.of(probe.source(), probe.family()).orElseThrow(),
                cluster.sandboxNode(number(to.node())),
                book.of(probe.destination(), probe.family()).orElseThrow(),
                payload(probe)));
      }
    });
    return wrong;
  }

  private static TracedPacket.Payload payload(Probe probe) {
    return probe.transport() == io.seine.agent.verdict.Transport.ICMP
        ? new TracedPacket.Ping()
        : new TracedPacket.Ports(
            Protocol.valueOf(probe.transport().name()), SOURCE_PORT, probe.port());
  }

  private Map<Probe, Outcome> ask(Map<Probe, Attempt> attempts) {
    Set<Attempt> reached = prober.reaching(attempts.values(), ONE);
    Map<Probe, Outcome> found = new LinkedHashMap<>();
    attempts.forEach((probe, attempt) ->
        found.put(probe, reached.contains(attempt) ? Outcome.ALLOWED : Outcome.DENIED));
    return found;
  }

  private static boolean asExpected(Map<Probe, Outcome> found) {
    return found.entrySet().stream()
        .allMatch(e -> e.getKey().expected().opens() == e.getValue().opens());
  }

  private void make(Change change) {
    switch (change) {
      case Change.Apply(var manifest) -> apply(manifest);
      case Change.AddNamespace(var name, var labels) -> addNamespace(name, labels);
      case Change.AddPod(var pod) -> addPod(pod);
      case Change.AddService(var service) -> addService(service);
      case Change.Resolve resolve ->
          throw new IllegalStateException(
              resolve + " takes a DNS server, which DomainNamesTest has and this executor has not");
      case Change.Delete(var kind, var key) -> delete(kind, key);
      case Change.Labels(var kind, var key, var labels) -> label(kind, key, labels);
    }
  }

  private void apply(Manifest manifest) {
    var _ = Manifests.apply(client, manifest.json(addresses()));
  }

  private void addNamespace(String name, Map<String, String> labels) {
    apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s, labels: {%s}}
        """
            .formatted(name, flow(labels)));
  }

  private void addPod(PodSpec pod) {
    String ports =
        pod.ports().stream().map(PacketExecutor::containerPort).collect(Collectors.joining(", "));
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: %s, labels: {%s}}
        spec:
          nodeName: node-%d
          hostNetwork: %b
          containers: [{name: c, image: i, ports: [%s]}]
        """
            .formatted(
                pod.key().name(),
                pod.key().namespace(),
                flow(pod.labels()),
                number(pod.node()),
                pod.hostNetwork(),
                ports));
  }

  private static String containerPort(PodInfo.NamedPort port) {
    return "{name: %s, containerPort: %d, protocol: %s}"
        .formatted(port.name(), port.port(), port.protocol());
  }

  private void addService(ServiceSpec service) {
    StringBuilder ports = new StringBuilder();
    for (ServiceSpec.Port port : service.ports()) {
      ports.append(
          "%n  - {name: p%d, port: %d, targetPort: %d, protocol: %s}"
              .formatted(port.port(), port.port(), port.target(), port.transport()));
    }
    apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: %s}
        spec:
          selector: {%s}
          ports:%s
        """
            .formatted(
                service.key().name(), service.key().namespace(), flow(service.selector()), ports));
  }

  private void apply(String manifest) {
    var _ = Manifests.apply(client, manifest);
  }

  private static String flow(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(e -> "%s: \"%s\"".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private void delete(String kind, ObjectKey key) {
    String version =
        switch (kind) {
          case "NetworkPolicy" -> "networking.k8s.io/v1";
          case "ClusterNetworkPolicy" -> "policy.networking.k8s.io/v1alpha2";
          default -> "v1";
        };
    leave(kind, key);
    var resource = client.genericKubernetesResources(version, kind);
    if (key.namespace().isEmpty()) {
      var _ = resource.withName(key.name()).delete();
    } else {
      var _ = resource.inNamespace(key.namespace()).withName(key.name()).delete();
    }
    switch (kind) {
      case "Pod" -> awaitNone(key.namespace(), Optional.of(key.name()));
      case "Namespace" -> awaitNone(key.name(), Optional.empty());
      default -> {}
    }
  }

  /** Sockets would keep the network of a pod that goes. */
  private void leave(String kind, ObjectKey key) {
    for (Pod pod : client.pods().inAnyNamespace().list().getItems()) {
      String namespace = pod.getMetadata().getNamespace();
      boolean goes =
          kind.equals("Pod")
              ? key.equals(new ObjectKey(namespace, pod.getMetadata().getName()))
              : kind.equals("Namespace") && key.name().equals(namespace);
      if (goes && !Pods.onHostNetwork(pod)) {
        prober.leave(cluster.view().pod(pod));
      }
    }
  }

  /** Its namespace is gone too then, and with it its sockets are. */
  private void awaitNone(String namespace, Optional<String> pod) {
    await()
        .atMost(LIMIT)
        .pollInterval(PAUSE)
        .until(() ->
            client.pods().inNamespace(namespace).list().getItems().stream()
                .noneMatch(p -> pod.map(p.getMetadata().getName()::equals).orElse(true)));
  }

  private void label(String kind, ObjectKey key, Map<String, Optional<String>> labels) {
    switch (kind) {
      case "Pod" -> {
        var resource = client.pods().inNamespace(key.namespace()).withName(key.name());
        var _ = Conflicts.retry(() -> resource.edit(o -> labelled(o, labels)));
      }
      case "Namespace" -> {
        var resource = client.namespaces().withName(key.name());
        var _ = Conflicts.retry(() -> resource.edit(o -> labelled(o, labels)));
      }
      default -> labelNode(key.name(), labels);
    }
  }

  private void labelNode(String name, Map<String, Optional<String>> labels) {
    if (!labels.isEmpty()) {
      var resource = client.nodes().withName("node-" + number(name));
      var _ = Conflicts.retry(() -> resource.edit(o -> labelled(o, labels)));
    }
  }

  private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> T labelled(
      T object, Map<String, Optional<String>> changes) {
    Map<String, String> labels = new HashMap<>();
    if (object.getMetadata().getLabels() != null) {
      labels.putAll(object.getMetadata().getLabels());
    }
    changes.forEach(
        (key, value) -> value.ifPresentOrElse(v -> labels.put(key, v), () -> labels.remove(key)));
    object.getMetadata().setLabels(labels);
    return object;
  }

  private static Map<String, Optional<String>> present(Map<String, String> labels) {
    return labels.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> Optional.of(e.getValue())));
  }

  private void awaitPods() {
    await()
        .atMost(LIMIT)
        .pollInterval(PAUSE)
        .until(() -> scene.pods().keySet().stream().allMatch(key -> Pods.isReady(pod(key))));
  }

  private Pod pod(ObjectKey key) {
    return client.pods().inNamespace(key.namespace()).withName(key.name()).get();
  }

  private int number(String node) {
    return nodes.indexOf(node) + 1;
  }

  private AddressBook addresses() {
    Map<String, List<Ip>> actors = new HashMap<>();
    Map<String, List<IpPrefix>> networks = new HashMap<>();
    for (String node : nodes) {
      actors.put(node, ips(cluster.sandboxNode(number(node)).addresses()));
      networks.put(
          node,
          cluster.sandboxNode(number(node)).podCidrs().stream().map(IpPrefix::parse).toList());
    }
    outside.forEach((name, place) -> actors.put(name, ips(place.addresses())));
    scene
        .pods()
        .keySet()
        .forEach(key -> {
          Pod pod = pod(key);
          if (pod != null) {
            actors.put(key.toString(), ips(Pods.addresses(pod)));
          }
        });
    return new AddressBook(actors, networks);
  }

  private static List<Ip> ips(List<String> texts) {
    return texts.stream().map(Ip::parse).toList();
  }

  private Attempt attempt(Probe probe) {
    Transport transport = Transport.valueOf(probe.transport().name());
    Namespace from = place(probe.source());
    if (probe.destination().startsWith(Probe.SERVICE)) {
      return toService(from, probe, transport);
    }
    String address = addresses().of(probe.destination(), probe.family()).orElseThrow().toString();
    Set<Listener> listeners =
        Set.of(new Listener(place(probe.destination()), transport, probe.port()));
    return new Attempt(from, listeners, address, transport, probe.port());
  }

  /** Every pod of the service listens at the port that it leads to. */
  private Attempt toService(Namespace from, Probe probe, Transport transport) {
    String name = probe.destination().substring(Probe.SERVICE.length());
    ServiceSpec service =
        scene.services().values().stream()
            .filter(s -> s.key().toString().equals(name))
            .findFirst()
            .orElseThrow();
    int target =
        service.ports().stream()
            .filter(p -> p.transport() == probe.transport() && p.port() == probe.port())
            .findFirst()
            .orElseThrow()
            .target();
    Set<Listener> listeners =
        scene.pods().values().stream()
            .filter(p -> p.key().namespace().equals(service.key().namespace()))
            .filter(p -> p.labels().entrySet().containsAll(service.selector().entrySet()))
            .map(p -> new Listener(place(p.key().toString()), transport, target))
            .collect(Collectors.toSet());
    return new Attempt(
        from, listeners, clusterIp(service, probe.family()), transport, probe.port());
  }

  private String clusterIp(ServiceSpec service, Family family) {
    var resource =
        client.services().inNamespace(service.key().namespace()).withName(service.key().name());
    return await()
        .atMost(LIMIT)
        .pollInterval(PAUSE)
        .until(
            () -> {
              Service present = resource.get();
              return present == null
                  ? Optional.<String>empty()
                  : present.getSpec().getClusterIPs().stream()
                      .filter(ip -> Ip.parse(ip).family() == family)
                      .findFirst();
            },
            Optional::isPresent)
        .orElseThrow();
  }

  private Namespace place(String actor) {
    if (nodes.contains(actor)) {
      return cluster.node(number(actor)).namespace();
    }
    Place host = outside.get(actor);
    if (host != null) {
      return host.namespace();
    }
    String[] key = actor.split("/", 2);
    return cluster.view().pod(key[0], key[1]);
  }

  /** Takes back what a case leaves that the next has no use for, but its pods and namespaces. */
  private void withdraw(Scene left) {
    for (Manifest policy : left.policies().values()) {
      delete(policy.kind(), policy.key());
    }
    for (ObjectKey service : left.services().keySet()) {
      delete("Service", service);
    }
    left.nodes()
        .forEach((name, labels) -> {
          Map<String, Optional<String>> none = new HashMap<>();
          labels.keySet().forEach(key -> none.put(key, Optional.empty()));
          labelNode(name, none);
        });
  }

  @Override
  public void close() {
    prober.close();
    withdraw(scene);
    for (ObjectKey pod : scene.pods().keySet()) {
      var _ = client.pods().inNamespace(pod.namespace()).withName(pod.name()).delete();
    }
    for (String namespace : scene.namespaces().keySet()) {
      delete("Namespace", new ObjectKey("", namespace));
    }
    scene = Scene.EMPTY;
  }
}
