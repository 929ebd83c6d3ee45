package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.verdict.Transport;
import io.seine.openflow.Family;
import io.seine.sandbox.node.NodeOvs;
import io.seine.sandbox.replay.Case;
import io.seine.sandbox.replay.CaseFile;
import io.seine.sandbox.replay.CaseGenerator;
import io.seine.sandbox.replay.CaseText;
import io.seine.sandbox.replay.Outcome;
import io.seine.sandbox.replay.Probe;
import io.seine.sandbox.replay.Replay;
import io.seine.sandbox.replay.Step;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Policy cases with real packets: those whose verdicts depend on more than the flows of a table,
 * and one of each kind. All cases run in the other executors.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class PolicyPacketTest implements Diagnostics.OnSandbox {
  private static final long SEED = 20_261_121_000L;
  private static final int MADE_UP = 5;
  private final ServiceCluster cluster;
  private final PacketExecutor executor;

  PolicyPacketTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.executor = new PacketExecutor(cluster);
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @AfterAll
  void end() {
    executor.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "np-none",
        "np-default-deny-ingress",
        "np-default-deny-egress",
        "np-both-ends",
        "np-additive",
        "np-peer-pod-selector",
        "np-peer-both-selectors",
        "np-documentation-example",
        "np-ip-block",
        "np-ip-block-egress",
        "np-ports-numeric",
        "np-ports-named",
        "np-ports-named-egress",
        "np-ports-end-port",
        "np-self",
        "np-own-node",
        "np-other-node-by-block",
        "np-host-network",
        "np-icmp",
        "np-labels-change",
        "np-pods-come-and-go",
        "np-namespace-goes",
        "cnp-tiers",
        "cnp-comes-again",
        "cnp-actions-ingress",
        "cnp-actions-egress",
        "cnp-priority",
        "cnp-networks",
        "cnp-nodes",
        "cnp-ports",
        "cnp-named-port",
        "cnp-labels-change",
        "cnp-baseline-overridden",
        "isolation-by-label",
        "isolation-opened",
        "dry-run-np",
        "dry-run-cnp",
        "service-endpoint",
        "service-hairpin"
      })
  void isAsTheCaseSays(String name) throws Exception {
    assertThat(Replay.play(askable(read(name)), executor)).isEmpty();
  }

  /** A sample of those that the other executors play by the hundred; the first few that suit. */
  @Test
  void madeUpPoliciesDoWhatTheDocumentsSay() {
    List<Case> cases =
        LongStream.iterate(SEED, seed -> seed + 1)
            .mapToObj(seed -> new CaseGenerator(seed).make())
            .filter(made -> !made.isolateNamespaces())
            .filter(made -> made.families().equals(List.of(Family.IPV4)))
            .limit(MADE_UP)
            .toList();
    for (Case made : cases) {
      Case asked = only(askable(made), probe -> !isToNodeByUdp(made, probe));
      executor.begin(asked);
      for (Step step : asked.steps()) {
        Map<Probe, Outcome> wrong = new LinkedHashMap<>(executor.performAsJudged(step));
        wrong.entrySet().removeIf(e -> e.getKey().expected().opens() == e.getValue().opens());
        assertThat(wrong).as(CaseText.write(made)).isEmpty();
      }
    }
  }

  /**
   * Open vSwitch before 3.5, in userspace, tracks SCTP without its ports: all SCTP between two
   * addresses is one connection, and what goes back from the one to which it was opened is reply.
   * So one of two may be asked there, the same in all cases.
   */
  private static Case askable(Case all) {
    if (!NodeOvs.version().matches(".* 3\\.[1-4]\\..*")) {
      return all;
    }
    return only(
        all,
        probe ->
            probe.transport() != Transport.SCTP
                || probe.source().compareTo(probe.destination()) < 0);
  }

  /** A server on any address of a node answers by UDP from another one than was asked. */
  private static boolean isToNodeByUdp(Case made, Probe probe) {
    boolean onNode =
        Stream.concat(Stream.of(made.start()), made.steps().stream().map(Step::scene))
            .flatMap(scene -> scene.pods().values().stream())
            .anyMatch(pod -> pod.hostNetwork() && pod.key().toString().equals(probe.destination()));
    return probe.transport() == Transport.UDP
        && (onNode || made.start().nodes().containsKey(probe.destination()));
  }

  private static Case only(Case all, Predicate<Probe> asked) {
    return all.withSteps(
        all.steps().stream()
            .map(step ->
                new Step(
                    step.say(),
                    step.changes(),
                    step.scene(),
                    step.probes().stream().filter(asked).toList()))
            .toList());
  }

  static Case read(String name) {
    try (InputStream in =
        PolicyPacketTest.class.getResourceAsStream("/policy-cases/" + name + ".yaml")) {
      return CaseFile.read(
          new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
