package io.seine.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.OvsText;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Table;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** DNS answers that are read, and addresses to which connections may only go on. */
class DomainFlowsTest {
  private static final PodId POD = new PodId("x", "a");
  private static final Owner SERVERS = new Owner.PolicyTerm("dns", "servers");
  private static final Owner OF_POD = new Owner.PolicyPod("x", "a");
  private static final String SET = "domain a.example";

  private final PolicyIndex index = new PolicyIndex();

  private void pod(int port) {
    index.put(
        new Subject(POD, port, List.of(Ip.parse("10.0.1.2")), Optional.empty(), Optional.empty()));
  }

  private static List<String> texts(
      Map<Owner, Optional<PolicyFlows>> all, Owner owner, Table table) {
    return Optional.ofNullable(all.get(owner))
        .flatMap(of -> of)
        .map(PolicyFlows::compile)
        .map(FlowSet::flows)
        .orElse(List.of())
        .stream()
        .filter(flow -> flow.table() == table.number())
        .map(DomainFlowsTest::text)
        .toList();
  }

  private static String text(Flow flow) {
    return flow.match() + " " + flow.actions();
  }

  @Test
  void shouldHandAnswersToTheAgentForPodsThatAskForIt() {
    index.servers(Set.of(IpPrefix.parse("10.0.0.10/32"), IpPrefix.parse("fd00::/120")));
    pod(5);
    assertThat(index.take()).as("nobody asks").containsEntry(SERVERS, Optional.empty());

    index.answersFor(Set.of(POD));
    Map<Owner, Optional<PolicyFlows>> asked = index.take();

    assertThat(asked).containsOnlyKeys(SERVERS, OF_POD);
    assertThat(texts(asked, SERVERS, Table.INGRESS_POLICY)).hasSize(2);
    assertThat(texts(asked, OF_POD, Table.OUTPUT)).hasSize(1);

    index.answersFor(Set.of());
    assertThat(index.take())
        .containsEntry(SERVERS, Optional.empty())
        .containsEntry(OF_POD, Optional.empty());
  }

  @Test
  void shouldFollowThePodsPort() {
    index.servers(Set.of(IpPrefix.parse("10.0.0.10/32")));
    index.answersFor(Set.of(POD));
    assertThat(index.take()).as("no such pod yet").containsEntry(OF_POD, Optional.empty());

    pod(5);
    assertThat(texts(index.take(), OF_POD, Table.OUTPUT)).hasSize(1);
    pod(6);
    assertThat(texts(index.take(), OF_POD, Table.OUTPUT)).hasSize(1);
    index.removeSubject(POD);
    assertThat(index.take()).containsEntry(OF_POD, Optional.empty());
  }

  @Test
  void shouldFulfilClausesForOpenConnectionsOnly() {
    PolicyRef policy = new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", "p");
    pod(5);
    index.put(
        new PolicyRule(
            new RuleRef(policy, Direction.EGRESS, 0, ""),
            0,
            Tier.ADMIN,
            new Rank(1, "p", 0),
            Verdict.ACCEPT,
            false,
            false,
            Set.of(POD),
            new Peers.Some(Set.of(SET, Peers.lasting(SET)), Set.of(), Set.of()),
            Ports.ANY));
    index.members(SET, Set.of(Ip.parse("192.0.2.1")), Set.of());
    index.members(Peers.lasting(SET), Set.of(Ip.parse("192.0.2.2")), Set.of());

    List<Flow> classes =
        index.take().entrySet().stream()
            .filter(entry -> entry.getKey().what().equals("class"))
            .flatMap(entry -> entry.getValue().orElseThrow().compile().flows().stream())
            .toList();

    assertThat(classes).hasSize(2);
    assertThat(classes.stream().filter(f -> OvsText.of(f).contains("ct_state=-new+trk")))
        .hasSize(1);
    assertThat(classes.stream().filter(f -> OvsText.of(f).contains("ct_state"))).hasSize(1);
  }
}
