package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.seine.sandbox.Place.Reply;
import io.seine.sandbox.control.Conflicts;
import io.seine.sandbox.control.Pods;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/**
 * A namespace of the shared cluster in which a test makes its objects, with what tests say of the
 * services in it. Closing it deletes the namespace and waits until its pods are gone.
 */
final class Scene implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int MOST_QUESTIONS = 80;
  private final ServiceCluster cluster;
  private final String namespace;

  Scene(ServiceCluster cluster, String namespace) {
    this.cluster = cluster;
    this.namespace = namespace;
    var _ =
        cluster
            .view()
            .client()
            .resource(
                new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
            .create();
  }

  String namespace() {
    return namespace;
  }

  /** Creates or changes what a manifest says, in this namespace where it names none. */
  void apply(String manifest) {
    var _ = Manifests.apply(cluster.view().client(), manifest, namespace);
  }

  void delete(String manifest) {
    var _ = Manifests.delete(cluster.view().client(), manifest, namespace);
  }

  /**
   * Runs one pod, with the label {@code app: web}, on each of these nodes: web-1 on node-1 and so
   * on. Each serves TCP and UDP on 8080, which has the name {@code http}.
   */
  void web(int... nodes) {
    for (int node : nodes) {
      pod("web-" + node, node, "web", "{containerPort: 8080, name: http}");
    }
    awaitPods();
  }

  /** Runs a pod on a node, with a value for the label app, and with its ports in YAML. */
  void pod(String name, int node, String app, String ports) {
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, labels: {app: %s}}
        spec: {nodeName: node-%d, containers: [{name: c, image: i, ports: [%s]}]}
        """
            .formatted(name, app, node, ports));
  }

  /** Returns when every pod of the namespace is ready. */
  void awaitPods() {
    await()
        .atMost(LIMIT)
        .pollInterval(PAUSE)
        .untilAsserted(() -> assertThat(pods()).isNotEmpty().allMatch(Pods::isReady));
  }

  List<Pod> pods() {
    return cluster.view().client().pods().inNamespace(namespace).list().getItems();
  }

  Pod pod(String name) {
    return Objects.requireNonNull(
        cluster.view().client().pods().inNamespace(namespace).withName(name).get(), name);
  }

  Place place(String pod) {
    return new Place(pod, cluster.view().pod(namespace, pod), Pods.addresses(pod(pod)));
  }

  /** The Service as the API has it once it has its addresses. */
  Service service(String name) {
    await()
        .atMost(LIMIT)
        .pollInterval(PAUSE)
        .until(() -> !get(name).getSpec().getClusterIPs().isEmpty());
    return get(name);
  }

  String clusterIp(String name) {
    return service(name).getSpec().getClusterIP();
  }

  /** The node port of a Service's port. */
  int nodePort(String name, String port) {
    await().atMost(LIMIT).pollInterval(PAUSE).until(() -> hasNodePorts(get(name)));
    return get(name).getSpec().getPorts().stream()
        .filter(p -> port.equals(p.getName()))
        .findFirst()
        .orElseThrow()
        .getNodePort();
  }

  private static boolean hasNodePorts(Service service) {
    return service.getSpec().getPorts().stream()
        .map(ServicePort::getNodePort)
        .allMatch(port -> port != null && port > 0);
  }

  /** The embedded API server replaces an object by removing and adding it: wait for it. */
  private Service get(String name) {
    return await()
        .atMost(LIMIT)
        .pollInterval(PAUSE)
        .until(
            () ->
                Optional.ofNullable(
                    cluster.view().client().services().inNamespace(namespace).withName(name).get()),
            Optional::isPresent)
        .orElseThrow();
  }

  /** The Events about one of the namespace's Services. */
  List<Event> events(String service) {
    return cluster.view().client().v1().events().inAnyNamespace().list().getItems().stream()
        .filter(event -> event.getInvolvedObject().getName().equals(service))
        .filter(event -> namespace.equals(event.getInvolvedObject().getNamespace()))
        .toList();
  }

  /** Deletes a pod that goes on serving for so long. */
  void terminate(String pod, Duration grace) {
    Edits.terminate(cluster.view().client(), namespace, pod, grace);
  }

  /** Ends the grace period of a pod that is terminating. */
  void release(String pod) {
    Edits.release(cluster.view().client(), namespace, pod);
  }

  /** Deletes a pod at once. */
  void deletePod(String pod) {
    var _ = cluster.view().client().pods().inNamespace(namespace).withName(pod).delete();
  }

  /** Gives a pod a label, in place of the value that it has. */
  void label(String pod, String key, String value) {
    var _ =
        Conflicts.retry(() ->
            cluster
                .view()
                .client()
                .pods()
                .inNamespace(namespace)
                .withName(pod)
                .edit(p -> p.edit().editMetadata().addToLabels(key, value).endMetadata().build()));
  }

  void setReady(String pod, boolean ready) {
    Edits.setReady(cluster.view().client(), namespace, pod, ready);
  }

  void setLoadBalancer(String service, String ipMode, String... addresses) {
    Edits.setLoadBalancer(cluster.view().client(), namespace, service, List.of(addresses), ipMode);
  }

  /**
   * Holds when, from now or soon, every question is answered, by these pods and no others, each of
   * them among those that answer, and all see one of these sources.
   */
  void answers(Place from, Target to, Set<String> pods, Set<String> sources) {
    eventually(
        from,
        to,
        () -> {
          Set<String> seen = new TreeSet<>();
          for (int i = 0; i < MOST_QUESTIONS && (i < 4 || !seen.equals(pods)); i++) {
            Reply reply = from.ask(to);
            if (!(reply instanceof Reply.Answered(String pod, String source))
                || !pods.contains(pod)
                || !(sources.isEmpty() || sources.contains(source))) {
              throw new AssertionError(
                  "%s instead of an answer of %s that saw %s"
                      .formatted(reply, pods, sources.isEmpty() ? "anyone" : sources));
            }
            seen.add(pod);
          }
          assertThat(seen).as("those that answer").isEqualTo(new TreeSet<>(pods));
        });
  }

  /** As {@link #answers}, whatever source they see. */
  void answered(Place from, Target to, Set<String> pods) {
    answers(from, to, pods, Set.of());
  }

  /** Holds when, from now or soon, nobody answers: refused or dropped. */
  void unanswered(Place from, Target to) {
    eventually(from, to, () -> assertThat(from.ask(to)).isNotInstanceOf(Reply.Answered.class));
  }

  /** Holds when, from now or soon, three questions in a row are refused. */
  void refused(Place from, Target to) {
    replies(from, to, new Reply.Refused());
  }

  /** Holds when, from now or soon, a question gets nothing back. */
  void dropped(Place from, Target to) {
    replies(from, to, new Reply.Dropped());
  }

  private void replies(Place from, Target to, Reply expected) {
    int times = expected instanceof Reply.Dropped ? 1 : 3;
    eventually(
        from,
        to,
        () -> {
          for (int i = 0; i < times; i++) {
            assertThat(from.ask(to)).isEqualTo(expected);
          }
        });
  }

  /**
   * Tries a statement again until it holds; when it never does, shows the cluster as it is then.
   */
  private void eventually(Place from, Target to, ThrowingRunnable statement) {
    String what = from + " asks " + to;
    try {
      await(what).atMost(LIMIT).pollInterval(PAUSE).untilAsserted(statement);
    } catch (ConditionTimeoutException e) {
      Diagnostics.show(what, cluster.view(), e);
      throw e;
    }
  }

  @Override
  public void close() {
    var _ = cluster.view().client().namespaces().withName(namespace).delete();
    await().atMost(LIMIT).pollInterval(PAUSE).until(() -> pods().isEmpty());
  }
}
