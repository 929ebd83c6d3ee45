package io.seine.pipeline.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Family;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.policy.Block;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.Peers;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.PortRange;
import io.seine.pipeline.policy.Ports;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PolicyWordsTest {
  private static final PolicyRef FRONT =
      new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "web", "front");
  private static final PolicyRef GUARD =
      new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", "guard");
  private static final PodId A = new PodId("web", "a");
  private static final PodId B = new PodId("web", "b");
  private static final String CLIENTS = "pods web: app=client";

  private final PolicyIndex index = new PolicyIndex(Set.of(Family.IPV4));
  private final Map<String, Set<Ip>> sets = new TreeMap<>();

  private final PolicyNames known =
      new PolicyNames() {
        @Override
        public Optional<PolicyRule> ruleOfConjunction(int id) {
          return index.ruleIds().ofConjunction(id).flatMap(index::rule);
        }

        @Override
        public Optional<RuleRef> rule(int id) {
          return index.ruleIds().find(id);
        }

        @Override
        public Set<String> setsOf(Direction direction, int peerClass) {
          return index.setsOf(direction, peerClass);
        }

        @Override
        public Set<Block> blocksOf(Direction direction, int blockClass) {
          return index.blocksOf(direction, blockClass);
        }

        @Override
        public int size(String set) {
          return sets.getOrDefault(set, Set.of()).size();
        }
      };

  private List<ExplainedFlow> explained() {
    Names names = ExampleCluster.names().policies(known);
    List<InstalledFlow> flows = new ArrayList<>();
    index
        .take()
        .forEach((owner, wanted) -> {
          FlowSet set = wanted.orElseThrow().compile();
          names.owned(owner, set);
          set.flows()
              .forEach(f ->
                  flows.add(
                      new InstalledFlow(
                          f, Cookie.of(owner.kind(), f), Duration.ZERO, 1, 60, 0, 0)));
        });
    return new Explainer(names, List.of()).explain(flows);
  }

  private void isolated(PodId pod, int ofport, boolean dryRun) {
    index.put(
        new Subject(
            pod,
            ofport,
            List.of(Ip.parse("10.0.1.2")),
            Optional.of(
                new Subject.Isolation(RuleRef.defaultOf(FRONT, Direction.INGRESS), dryRun, false)),
            Optional.empty()));
  }

  private static PolicyRule rule(
      PolicyRef policy, Direction direction, Verdict verdict, Peers peers, Ports ports) {
    boolean cluster = policy.equals(GUARD);
    return new PolicyRule(
        new RuleRef(policy, direction, 0),
        0,
        cluster ? Tier.ADMIN : Tier.NETWORK_POLICY,
        cluster ? new Rank(10, "guard", 0) : Rank.NONE,
        verdict,
        false,
        false,
        Set.of(A),
        peers,
        ports);
  }

  private static Ports http() {
    return new Ports.Some(Set.of(PortRange.of(Protocol.TCP, 80)));
  }

  private void members(String set, String... addresses) {
    Set<Ip> added = new HashSet<>();
    for (String address : addresses) {
      added.add(Ip.parse(address));
    }
    sets.put(set, added);
    index.members(set, added, Set.of());
  }

  private static String text(List<ExplainedFlow> flows) {
    return String.join("\n", new Listing(false, Set.of()).of(flows)).strip() + "\n";
  }

  private static void compare(String name, String text) throws IOException {
    Path file = Path.of("src/test/resources/golden/words", name + ".txt");
    if (Boolean.getBoolean("seine.update-docs")) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    }
    assertThat(text)
        .as("%s differs; write it with -Dseine.update-docs=true if that is meant", file)
        .isEqualTo(Files.readString(file));
  }

  @Test
  void eachFlowOfARuleSaysWhichPartOfWhichRuleItIs() throws IOException {
    isolated(A, 5, false);
    members(CLIENTS, "10.0.1.3", "10.0.2.9");
    index.put(
        rule(
            FRONT,
            Direction.INGRESS,
            Verdict.ACCEPT,
            new Peers.Some(Set.of(CLIENTS), Set.of(IpPrefix.parse("192.0.2.0/24")), Set.of()),
            http()));
    index.put(
        rule(
            GUARD,
            Direction.EGRESS,
            Verdict.DENY,
            new Peers.Some(
                Set.of(),
                Set.of(),
                Set.of(
                    new Block(
                        IpPrefix.parse("10.0.0.0/8"), Set.of(IpPrefix.parse("10.0.0.0/16"))))),
            Ports.ANY));
    compare("policy", text(explained()));
  }

  @Test
  void whatIsOnlyTriedSaysSo() throws IOException {
    isolated(A, 5, true);
    index.put(dry(rule(GUARD, Direction.INGRESS, Verdict.DENY, Peers.ANYONE, http())));
    compare("dry-run", text(explained()));
  }

  private static PolicyRule dry(PolicyRule rule) {
    return new PolicyRule(
        rule.ref(),
        rule.part(),
        rule.tier(),
        rule.rank(),
        rule.verdict(),
        true,
        true,
        rule.subjects(),
        rule.peers(),
        rule.ports());
  }

  @Test
  void whatSeveralPodsHaveAlikeFoldsAndConcernsTheirPolicy() {
    isolated(A, 5, false);
    isolated(B, 6, false);

    List<ExplainedFlow> flows = explained();

    assertThat(Explainer.fold(flows)).hasSize(flows.size() / 2).allMatch(f -> f.count() == 2);
    assertThat(flows)
        .filteredOn(f -> f.table().equals("IngressNetworkPolicy"))
        .isNotEmpty()
        .allMatch(f ->
            f.concerns(new Owner.Policy("networkpolicy", "web", "front"))
                && f.concerns(new Owner.Pod("web", f.owner().orElseThrow().name())));
  }

  @Test
  void withoutTheNamesOfRulesNumbersStayNumbers() {
    isolated(A, 5, false);
    members(CLIENTS, "10.0.1.3");
    index.put(
        rule(
            FRONT,
            Direction.INGRESS,
            Verdict.ACCEPT,
            new Peers.Some(Set.of(CLIENTS), Set.of(), Set.of()),
            http()));
    List<InstalledFlow> flows = explained().stream().map(ExplainedFlow::raw).toList();

    assertThat(new Explainer(new Names(), List.of()).explain(flows))
        .extracting(ExplainedFlow::intention)
        .anyMatch(i -> i.matches("clause 2 of 3: class [0-9a-f]{8}, of a rule"))
        .anyMatch(i -> i.equals("allowed: a rule of policy, connections"));
  }
}
