package io.seine.cli.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections through services and to the same pods directly, on nodes with few and with many
 * services, of Seine's and of the peer's; all in turns, in rounds that are compared each within
 * itself.
 */
final class ServiceTraffic {
  private static final int ROUNDS = 40;

  /** Of each kind in a round; one at a time. */
  private static final int CONNECTS = 10;

  /** Of each of the clients at work in a round. */
  private static final int CONNECTIONS = 150;

  /**
   * What was measured on one node in one round.
   *
   * @param directRate connections a second
   * @param serviceRate connections a second
   * @param directConnect milliseconds
   * @param serviceConnect milliseconds
   */
  record Figures(
      double directRate,
      double serviceRate,
      List<Double> directConnect,
      List<Double> serviceConnect) {
    Figures {
      directConnect = List.copyOf(directConnect);
      serviceConnect = List.copyOf(serviceConnect);
    }
  }

  /**
   * The two nodes with so many services, and what was measured on them, round by round.
   *
   * @param services how many
   */
  record Size(
      int services,
      TrafficSide seine,
      TrafficSide peer,
      List<Figures> seineRounds,
      List<Figures> peerRounds) {
    Size(int services, TrafficSide seine, TrafficSide peer) {
      this(services, seine, peer, new ArrayList<>(), new ArrayList<>());
    }
  }

  private ServiceTraffic() {}

  /** Measures; the first round is not kept, in which the JVM learns the work. */
  static void measure(List<Size> sizes, Bench.Progress progress)
      throws IOException, InterruptedException {
    for (int round = 0; round <= ROUNDS; round++) {
      List<Running> nodes = new ArrayList<>();
      for (Size size : sizes) {
        nodes.add(new Running(size.seine()));
        nodes.add(new Running(size.peer()));
      }
      for (int i = 0; i < nodes.size(); i++) {
        nodes.get((i + round) % nodes.size()).rates(round % 2 == 0);
      }
      for (int i = 0; i < CONNECTS; i++) {
        for (Running node : nodes) {
          node.connects(i % 2 == 0);
        }
      }
      if (round > 0) {
        for (int i = 0; i < sizes.size(); i++) {
          sizes.get(i).seineRounds().add(nodes.get(2 * i).figures());
          sizes.get(i).peerRounds().add(nodes.get(2 * i + 1).figures());
        }
      }
      if (round % 10 == 0) {
        progress.say("connections: round %d of %d".formatted(round, ROUNDS));
      }
    }
  }

  /** One node's figures of the round that runs. */
  private static final class Running {
    private final TrafficSide side;
    private final List<Double> directConnect = new ArrayList<>();
    private final List<Double> serviceConnect = new ArrayList<>();
    private double directRate;
    private double serviceRate;

    Running(TrafficSide side) {
      this.side = side;
    }

    void rates(boolean directFirst) throws IOException, InterruptedException {
      if (directFirst) {
        directRate = side.directRate(CONNECTIONS);
      }
      serviceRate = side.serviceRate(CONNECTIONS);
      if (!directFirst) {
        directRate = side.directRate(CONNECTIONS);
      }
    }

    void connects(boolean directFirst) throws IOException {
      if (directFirst) {
        directConnect.add(side.directConnect());
      }
      serviceConnect.add(side.serviceConnect());
      if (!directFirst) {
        directConnect.add(side.directConnect());
      }
    }

    Figures figures() {
      return new Figures(directRate, serviceRate, directConnect, serviceConnect);
    }
  }
}
