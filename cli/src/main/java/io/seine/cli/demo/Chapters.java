package io.seine.cli.demo;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.seine.sandbox.Manifests;
import io.seine.sandbox.Probe;
import io.seine.sandbox.Probe.Answer;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.Scenarios;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.node.Underlay;
import io.seine.sandbox.process.Commands;
import io.seine.sandbox.process.Waiting;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;

/** What the demo shows, chapter by chapter, on a cluster that is up. */
final class Chapters {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final String HELLO = "hello-kubernetes";
  private static final String POLICY =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: hello, namespace: default}
      spec:
        podSelector: {matchLabels: {app: hello-kubernetes}}
        ingress:
        - from: [{podSelector: {matchLabels: {role: client}}}]
          ports: [{port: 8080}]
      """;

  private final Story story;
  private final SandboxView view;
  private final CommandLine seine;
  private List<Pod> pods = List.of();

  Chapters(Story story, SandboxView view, CommandLine seine) {
    this.story = story;
    this.view = view;
    this.seine = seine;
  }

  void tell() throws IOException, InterruptedException {
    load();
    talk();
    service();
    outside();
    explain();
    policy();
    tamper();
    kill();
  }

  private void load() {
    story.chapter("Real manifests, pods connected by the real CNI executable");
    for (String file : List.of("hello-kubernetes.yaml", "front-end.yaml", "namespaces.yaml")) {
      Manifests.apply(view.client(), Scenarios.text(file)).forEach(story::say);
    }
    boolean ready =
        Waiting.until(
            LIMIT, () -> allPods().size() == 8 && allPods().stream().allMatch(Pods::isReady));
    story.show(seine("sandbox", "get", "pods"));
    story.check(ready, "all 8 pods run");
    if (!ready) {
      throw new SandboxException(
          "the pods did not get ready; `get events`:\n" + seine("sandbox", "get", "events"));
    }
    pods =
        allPods().stream()
            .filter(pod -> pod.getMetadata().getName().startsWith(HELLO))
            .sorted(Comparator.comparing(pod -> Pods.node(pod).orElseThrow()))
            .toList();
    Map<String, Long> perNode = new TreeMap<>();
    pods.forEach(pod -> perNode.merge(Pods.node(pod).orElseThrow(), 1L, Long::sum));
    story.check(perNode.size() == 3, "hello-kubernetes runs on all three nodes: " + perNode);
  }

  private void talk() throws IOException {
    story.chapter("Pod to pod: on one node, across nodes; the source address is kept");
    Pod first = pods.getFirst();
    for (Pod other : List.of(pods.get(1), pods.getLast())) {
      String where = Pods.node(first).equals(Pods.node(other)) ? "same node" : "across nodes";
      Probe probe = probe(first);
      String address = address(other);
      story.check(
          probe.ping(address, 100).ok(), where + ": " + address(first) + " pings " + address);
      Answer answer = probe.http(address, 8080);
      story.check(
          answer.pod().equals(other.getMetadata().getName())
              && answer.client().equals(address(first)),
          where + ": over TCP, " + answer.pod() + " saw the client " + answer.client());
      String echo = probe.udp(address, 8080, "hello");
      story.check(
          echo.equals(other.getMetadata().getName() + " hello"),
          where + ": over UDP, it echoed '" + echo + "'");
    }
  }

  private void service() throws IOException {
    Service service = view.client().services().inNamespace("default").withName(HELLO).get();
    String vip = service.getSpec().getClusterIP();
    story.chapter("40 new connections from one pod to the cluster IP " + vip);
    Map<String, Integer> counts = new TreeMap<>();
    Probe probe = probe(pod("front-end"));
    Set<String> known = new TreeSet<>();
    var _ = Waiting.until(LIMIT, () -> answers(probe, vip, known) && known.size() == 4);
    for (int i = 0; i < 40; i++) {
      counts.merge(probe.http(vip, 80).pod(), 1, Integer::sum);
    }
    counts.forEach(
        (pod, count) -> story.say("%-40s %s %d".formatted(pod, "█".repeat(count), count)));
    story.check(counts.size() == 4, "all four endpoints answered");
    Answer own = probe(pods.getFirst()).http(vip, 80);
    story.check(
        !own.pod().isEmpty(), "a pod of the service reaches it too (" + own.pod() + " answered)");
    SandboxNode node = view.nodes().getFirst();
    Answer fromNode = new Probe(node.namespace(), ANSWER).http(vip, 80);
    story.check(
        !fromNode.pod().isEmpty(),
        "and so does a process of the node (" + fromNode.pod() + " answered)");
  }

  /** Until the node knows the first endpoint of a service, it refuses. */
  private static boolean answers(Probe probe, String vip, Set<String> pods) {
    try {
      return pods.add(probe.http(vip, 80).pod()) || !pods.isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  private void outside() throws IOException {
    story.chapter("To the outside: masqueraded as the node");
    Pod pod = pods.getFirst();
    String node = view.node(Pods.node(pod).orElseThrow()).address();
    Answer answer = probe(pod).http(Underlay.OUTSIDE, 80);
    story.check(
        answer.client().equals(node),
        Underlay.OUTSIDE
            + " saw "
            + answer.client()
            + ", the address of "
            + Pods.node(pod).orElseThrow());
  }

  private void explain() {
    story.chapter(
        "What the switch of node-1 does for the service: ./seine flows --node node-1 --service default/"
            + HELLO);
    String text = seine("flows", "--node", "node-1", "--service", "default/" + HELLO);
    story.show(text);
    story.check(
        text.split("25\\.0 %", -1).length == 5,
        "each of its four endpoints gets a quarter of the new connections");
  }

  private void policy() {
    story.chapter(
        "A NetworkPolicy lets only pods with role=client in; ./seine why says who decides");
    String destination = "default/" + pods.getLast().getMetadata().getName() + ":8080";
    Manifests.apply(view.client(), POLICY);
    boolean denied =
        Waiting.until(
            LIMIT,
            () ->
                seine("why", "front-end", destination).contains("the switches agree")
                    && seine("why", "front-end", destination).contains("DENIED"));
    story.show(seine("why", "front-end", destination));
    story.check(denied, "the policy denies it, and the switches say so too");
    Manifests.delete(view.client(), POLICY);
    story.check(
        Waiting.until(
            LIMIT,
            () ->
                seine("why", "front-end", destination).contains("ALLOWED")
                    && seine("why", "front-end", destination).contains("the switches agree")),
        "without the policy it is allowed again");
  }

  private void tamper() {
    story.chapter(
        "Someone deletes a flow and adds one: ./seine flows diff finds both, the agent repairs them");
    SandboxNode node = view.nodes().getFirst();
    node.ovs().ofctl("-O", "OpenFlow15", "del-flows", "br-int", "table=60,ip");
    node.ovs().ofctl("-O", "OpenFlow15", "del-flows", "br-int", "table=17,tcp");
    node.ovs()
        .ofctl(
            "-O",
            "OpenFlow15",
            "add-flow",
            "br-int",
            "table=20,priority=1,ip,nw_src=192.0.2.1,actions=drop");
    String diff = seine("flows", "diff", "--node", "node-1");
    story.show(diff);
    story.check(
        diff.contains("missing") && diff.contains("foreign"),
        "the missing and the foreign flows are named");
    boolean repaired =
        Waiting.until(
            LIMIT, () -> seine("flows", "diff", "--node", "node-1").contains("as it should be"));
    story.check(repaired, "the audit has put all of it right");
  }

  private void kill() throws IOException, InterruptedException {
    story.chapter(
        "The agent of node-1 is killed and started while a pod is pinged 200 times a second");
    Pod from = pods.getFirst();
    Pod to = pods.getLast();
    CompletableFuture<Commands.Result> ping =
        CompletableFuture.supplyAsync(() ->
            Commands.run(
                view.pod(from)
                    .entering(List.of("ping", "-q", "-n", "-i0.005", "-c1200", address(to)))));
    view.restart("node-1", SandboxNode.Part.AGENT, "KILL");
    boolean ready = Waiting.until(LIMIT, () -> view.node("node-1").agent().isReady());
    String result = ping.join().out();
    story.say(result.lines().filter(line -> line.contains("packets")).findFirst().orElse(result));
    story.check(ready, "the agent is ready again");
    story.check(result.contains(" 0% packet loss"), "not one packet was lost");
  }

  /** Runs a command of this program on this sandbox, and returns what it prints. */
  private String seine(String... arguments) {
    StringWriter text = new StringWriter();
    PrintWriter before = seine.getOut();
    seine.setOut(new PrintWriter(text, true));
    try {
      var _ = seine.execute(withName(arguments));
    } finally {
      seine.setOut(before);
    }
    return text.toString();
  }

  private String[] withName(String[] arguments) {
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--name";
    all[arguments.length + 1] = view.name();
    return all;
  }

  private List<Pod> allPods() {
    return view.client().pods().inAnyNamespace().list().getItems();
  }

  private Pod pod(String prefix) {
    return allPods().stream()
        .filter(pod -> pod.getMetadata().getName().startsWith(prefix))
        .findFirst()
        .orElseThrow();
  }

  private Probe probe(Pod pod) {
    return new Probe(view.pod(pod), ANSWER);
  }

  private static String address(Pod pod) {
    return Pods.address(pod).orElseThrow();
  }
}
