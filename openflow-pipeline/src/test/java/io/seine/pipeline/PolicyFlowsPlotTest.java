package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact.Protocol;
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
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many flows one policy takes, by the number of its peers and of its ports. */
class PolicyFlowsPlotTest {
  private static final PodId POD = new PodId("default", "server");
  private static final PolicyRef POLICY =
      new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "default", "plot");
  private static final Ip SELF = Ip.parse("10.0.0.2");
  private static final Ip FIRST_PEER = Ip.parse("10.1.0.0");
  private static final int MOST = 1000;
  private static final int STEP = 100;
  private static final List<Integer> OTHERS = List.of(1, 250, 500);

  /** A policy for what one pod receives: from so many pods, at so many ports. */
  private static int flows(int peers, int ports) {
    PolicyIndex index = new PolicyIndex();
    var isolation =
        new Subject.Isolation(RuleRef.defaultOf(POLICY, Direction.INGRESS), false, false);
    index.put(new Subject(POD, 10, List.of(SELF), Optional.of(isolation), Optional.empty()));
    index.members(
        "peers",
        IntStream.range(0, peers).mapToObj(FIRST_PEER::plus).collect(Collectors.toSet()),
        Set.of());
    index.put(
        new PolicyRule(
            new RuleRef(POLICY, Direction.INGRESS, 0),
            0,
            Tier.NETWORK_POLICY,
            Rank.NONE,
            Verdict.ACCEPT,
            false,
            false,
            Set.of(POD),
            new Peers.Some(Set.of("peers"), Set.of(), Set.of()),
            new Ports.Some(
                // Every other one, so that no two make one range.
                IntStream.range(0, ports)
                    .mapToObj(i -> PortRange.of(Protocol.TCP, 2001 + 2 * i))
                    .collect(Collectors.toSet()))));
    return index.take().values().stream()
        .flatMap(Optional::stream)
        .mapToInt(flows -> flows.compile().flows().size())
        .sum();
  }

  @Test
  void flowsGrowWithTheSumOfPeersAndPortsNotWithTheProduct() {
    int least = flows(1, 1);
    int aPeer = flows(2, 1) - least;
    int aPort = flows(1, 2) - least;

    assertThat(aPeer).isEqualTo(1);
    assertThat(aPort).as("one of a family").isEqualTo(2);
    for (int peers : new int[] {1, 10, 100, 1000, 10_000}) {
      for (int ports : new int[] {1, 10, 100, 1000}) {
        assertThat(flows(peers, ports))
            .as("%d peers, %d ports", peers, ports)
            .isEqualTo(least + aPeer * (peers - 1) + aPort * (ports - 1));
      }
    }
  }

  @Test
  void thePlotShowsWhatIsCompiled() {
    Golden.compare(Path.of("../docs/policy-flows.svg"), plot());
  }

  private static String plot() {
    StringBuilder svg =
        new StringBuilder(
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 400" font-family="sans-serif" font-size="13">
            <!-- Written by PolicyFlowsPlotTest from what the compiler makes. -->
            <rect width="900" height="400" fill="white"/>
            <text x="450" y="24" text-anchor="middle" font-size="15">Flows of one policy for one pod</text>
            """);
    svg.append(new Panel(70, "pods that may send", "ports").draw(PolicyFlowsPlotTest::flows));
    svg.append(new Panel(520, "ports", "pods").draw((ports, peers) -> flows(peers, ports)));
    return svg.append("</svg>\n").toString();
  }

  /** How many flows there are for a number along the axis and another one of a line's. */
  private interface Count {
    int of(int along, int line);
  }

  /**
   * Half of the picture.
   *
   * @param left its axis
   * @param axis what is counted along it
   * @param other what tells its lines apart
   */
  private record Panel(int left, String axis, String other) {
    private static final int WIDTH = 300;
    private static final int TOP = 50;
    private static final int BOTTOM = 340;
    private static final int MOST_FLOWS = 3500;
    private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73");

    private int x(int along) {
      return left + along * WIDTH / MOST;
    }

    private static int y(int flows) {
      return BOTTOM - flows * (BOTTOM - TOP) / MOST_FLOWS;
    }

    String draw(Count count) {
      StringBuilder svg = new StringBuilder();
      for (int flows = 0; flows <= MOST_FLOWS; flows += 500) {
        svg.append(
            """
            <path d="M%d %dh%d" stroke="#dddddd"/><text x="%d" y="%d" text-anchor="end">%d</text>
            """
                .formatted(left, y(flows), WIDTH, left - 8, y(flows) + 4, flows));
      }
      for (int along = 0; along <= MOST; along += 250) {
        svg.append(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d</text>\n"
                .formatted(x(along), BOTTOM + 20, along));
      }
      svg.append(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
              .formatted(left + WIDTH / 2, BOTTOM + 42, axis));
      for (int i = 0; i < OTHERS.size(); i++) {
        svg.append(line(count, OTHERS.get(i), COLOURS.get(i)));
      }
      return svg.toString();
    }

    private String line(Count count, int line, String colour) {
      String points =
          IntStream.rangeClosed(0, MOST / STEP)
              .map(i -> Math.max(1, i * STEP))
              .mapToObj(along -> x(along) + "," + y(count.of(along, line)))
              .collect(Collectors.joining(" "));
      return """
      <polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>
      <text x="%d" y="%d" fill="%s">%d %s</text>
      """
          .formatted(
              points,
              colour,
              left + WIDTH + 5,
              y(count.of(MOST, line)) + 4,
              colour,
              line,
              line == 1 ? other.substring(0, other.length() - 1) : other);
    }
  }
}
