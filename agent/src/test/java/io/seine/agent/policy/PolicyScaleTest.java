package io.seine.agent.policy;

import static io.seine.agent.policy.Given.egress;
import static io.seine.agent.policy.Given.ingress;
import static io.seine.agent.policy.Given.local;
import static io.seine.agent.policy.Given.namespace;
import static io.seine.agent.policy.Given.namespaces;
import static io.seine.agent.policy.Given.pods;
import static io.seine.agent.policy.Given.podsOf;
import static io.seine.agent.policy.Given.rule;
import static io.seine.agent.policy.Given.select;
import static io.seine.agent.policy.Given.tcp;

import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Subject;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one node's engine needs for large clusters: four pods and three policies in each namespace,
 * thirty of the pods here; then for one change of a pod's labels.
 */
@Tag("bench")
class PolicyScaleTest {
  private static final int PODS_HERE = 30;
  private static final int CHANGES = 2_000;

  /** Counts only, so that what is measured is the engine. */
  private static final class Counting implements PolicySink {
    private int rules;
    private long members;

    @Override
    public void put(PolicyRule rule) {
      rules++;
    }

    @Override
    public void remove(PolicyRule.Key rule) {
      rules--;
    }

    @Override
    public void put(Subject subject) {}

    @Override
    public void removeSubject(PodId pod) {}

    @Override
    public void members(String set, Set<Ip> added, Set<Ip> removed) {
      members += added.size() - removed.size();
    }

    @Override
    public void answersFor(Set<PodId> pods) {}

    @Override
    public void removeSet(String set) {}
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 5_000, 25_000})
  void measure(int namespaces) {
    Counting sink = new Counting();
    PolicyEngine engine = new PolicyEngine(false, sink);
    List<Consumer<PolicyEngine>> objects = new ArrayList<>();
    for (int n = 0; n < namespaces; n++) {
      fill(objects, n);
    }
    System.gc();
    long before = used();
    long start = now();
    objects.forEach(object -> object.accept(engine));
    for (int i = 0; i < PODS_HERE; i++) {
      engine.connect(local("ns-" + i + "/p0", 3 + i, address(i, 0)));
    }
    long fed = now();
    engine.flush();
    long computed = now();
    System.gc();
    long after = used();
    long label = changes(engine, i -> pod(i % namespaces, i % 4, "app=web,v=" + i));
    System.out.printf(
        "%,d pods, %,d namespaces, %,d policies: fed in %,d ms, computed in %,d ms (%d rules, %d"
            + " sets, %,d members), %,d B per pod with its namespace and policies; a pod's labels"
            + " in %.1f us%n",
        namespaces * 4,
        namespaces,
        namespaces * 3,
        (fed - start) / 1_000_000,
        (computed - fed) / 1_000_000,
        sink.rules,
        engine.counts().sets(),
        sink.members,
        (after - before) / (namespaces * 4L),
        label / 1_000.0 / CHANGES);
  }

  private interface Change {
    PodInfo of(int i);
  }

  private static long changes(PolicyEngine engine, Change change) {
    long took = 0;
    for (int round = 0; round < 3; round++) {
      long start = now();
      for (int i = 0; i < CHANGES; i++) {
        engine.put(change.of(i + round));
        engine.flush();
      }
      took = now() - start;
    }
    return took;
  }

  /** This thread's own time: others may use the machine, too. */
  private static long now() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long used() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static void fill(List<Consumer<PolicyEngine>> objects, int n) {
    String ns = "ns-" + n;
    NamespaceInfo namespace =
        namespace(ns, "team=t" + n % 100 + ",stage=" + (n % 3 == 0 ? "prod" : "test"));
    objects.add(engine -> engine.put(namespace));
    for (int p = 0; p < 4; p++) {
      PodInfo pod = pod(n, p, p < 2 ? "app=web" : "app=db");
      objects.add(engine -> engine.put(pod));
    }
    List<NetworkPolicyInfo> policies =
        List.of(
            ingress(
                ns + "/web",
                select("app=web"),
                rule(List.of(pods(select("app=db"))), tcp("80")),
                rule(List.of(namespaces(select("team=t" + n % 100))), tcp("443"))),
            ingress(
                ns + "/db",
                select("app=db"),
                rule(List.of(podsOf(select("stage=prod"), select("app=web"))), tcp("5432"))),
            egress(ns + "/out", select("app", "Exists"), rule(List.of(namespaces(select(""))))));
    policies.forEach(policy -> objects.add(engine -> engine.put(policy)));
  }

  private static PodInfo pod(int n, int p, String labels) {
    return Given.pod("ns-" + n + "/p" + p, labels + ",pod=p" + p, address(n, p));
  }

  private static String address(int n, int p) {
    int i = n * 4 + p;
    return "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255);
  }
}
