package io.seine.agent.policy;

import static io.seine.agent.policy.Given.local;
import static io.seine.agent.policy.Given.namespace;
import static io.seine.agent.policy.Given.pod;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Peers;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Ports;
import io.seine.pipeline.policy.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A small cluster, of which this node has {@code shop/web}, and an engine that knows it:
 *
 * <pre>
 *   shop (team=a)  web (app=web) 10.0.0.1, port http=TCP/8080    db (app=db, tier=back) 10.0.0.2
 *   bank (team=b)  web (app=web) 10.0.1.1, port http=TCP/80      db (app=db) 10.0.1.2
 *   lab            x 10.0.2.1, fd00::21, ports http=TCP/8080, http=UDP/8443
 * </pre>
 */
final class Cluster {
  final RecordingSink sink = new RecordingSink();
  final PolicyEngine engine;

  Cluster() {
    this(false);
  }

  Cluster(boolean isolateNamespaces) {
    engine = new PolicyEngine(isolateNamespaces, sink);
    engine.put(namespace("shop", "team=a"));
    engine.put(namespace("bank", "team=b"));
    engine.put(namespace("lab", ""));
    engine.put(pod("shop/web", "app=web", "10.0.0.1", http(8080)));
    engine.put(pod("shop/db", "app=db,tier=back", "10.0.0.2"));
    engine.put(pod("bank/web", "app=web", "10.0.1.1", http(80)));
    engine.put(pod("bank/db", "app=db", "10.0.1.2"));
    engine.put(pod("lab/x", "", "10.0.2.1,fd00::21", http(8080), Given.port("http", "UDP", 8443)));
    engine.connect(local("shop/web", 5, "10.0.0.1"));
    flush();
  }

  static PodInfo.NamedPort http(int number) {
    return Given.port("http", "TCP", number);
  }

  void flush() {
    engine.flush();
    sink.check();
  }

  /** The rules in words, in the order of their names. */
  List<String> rules() {
    flush();
    return sink.rules.values().stream()
        .sorted(
            Comparator.comparing(PolicyRule::rank)
                .thenComparing(PolicyRule::ref)
                .thenComparingInt(PolicyRule::part))
        .map(this::words)
        .toList();
  }

  Subject subject(String pod) {
    flush();
    return Objects.requireNonNull(sink.subjects.get(Given.id(pod)), pod);
  }

  /** Those of all objects, that have come since the last call. */
  List<String> problems() {
    return problems(engine);
  }

  static List<String> problems(PolicyEngine engine) {
    return engine.takeProblems().values().stream()
        .flatMap(List::stream)
        .map(Problem::message)
        .toList();
  }

  /** {@code Accept shop/web from 10.0.0.2 10.1.0.0/16 on TCP/80}. */
  private String words(PolicyRule rule) {
    List<String> words = new ArrayList<>();
    words.add((rule.dryRun() ? "try " : "") + rule.verdict().label());
    words.add(String.join(" ", sorted(rule.subjects().stream())));
    words.add(rule.direction() == Direction.INGRESS ? "from" : "to");
    words.add(
        switch (rule.peers()) {
          case Peers.Anyone anyone -> "anyone";
          case Peers.Some some -> peers(some);
        });
    if (rule.ports() instanceof Ports.Some some) {
      words.add("on " + String.join(" ", sorted(some.ranges().stream())));
    }
    return String.join(" ", words) + (rule.log() ? " and log" : "");
  }

  private String peers(Peers.Some some) {
    Set<Ip> members = new TreeSet<>();
    some.sets().forEach(set -> members.addAll(sink.sets.getOrDefault(set, Set.of())));
    String all =
        Stream.of(
                members.stream().map(Object::toString),
                sorted(some.blocks().stream()).stream(),
                some.withExcepts().stream()
                    .map(b -> b.cidr() + "-" + String.join("-", sorted(b.except().stream()))))
            .flatMap(s -> s)
            .collect(Collectors.joining(" "));
    return all.isEmpty() ? "nobody" : all;
  }

  private static List<String> sorted(Stream<?> values) {
    return values.map(Object::toString).sorted().toList();
  }
}
