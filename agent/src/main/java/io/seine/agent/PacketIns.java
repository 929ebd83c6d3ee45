package io.seine.agent;

import io.seine.agent.neighbour.NeighbourResponder;
import io.seine.agent.policylog.PolicyLog;
import io.seine.agent.reject.Rejector;
import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.openflow.PacketIn;
import io.seine.openflow.connection.ConnectionOptions;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ToAgent;
import io.seine.pipeline.policy.PolicyPacketIn;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** Answers what the switch hands over. Safe for any thread. */
final class PacketIns {
  /** Answers to neighbour solicitations in a second, for each port. */
  private static final int NEIGHBOUR_RATE = 10;

  /** Neighbour solicitations in a second that the switch hands over, of all ports. */
  private static final int SOLICITATIONS = 200;

  /** DNS answers in a second that the switch hands over, of all pods. */
  private static final int ANSWERS = 2000;

  private final LocalNode node;
  private final Rejector rejector;
  private final NeighbourResponder neighbours;
  private final PolicyLog policies;
  private final BiConsumer<Integer, Bits> answers;
  private final int rejectRate;
  private final int policyLogRate;
  private final AtomicLong count = new AtomicLong();

  /**
   * @param sender sends the answers
   * @param names of what is logged for policies
   * @param answers takes DNS answers, with the port of the pod that each is for
   * @param rejectRate refusals in a second
   * @param policyLogRate lines logged for policies in a second
   */
  PacketIns(
      LocalNode node,
      Rejector.Sender sender,
      PolicyLog.Names names,
      BiConsumer<Integer, Bits> answers,
      int rejectRate,
      int policyLogRate) {
    this.answers = answers;
    this.node = node;
    this.rejectRate = rejectRate;
    this.policyLogRate = policyLogRate;
    this.policies = new PolicyLog(names, policyLogRate, System::nanoTime);
    this.rejector = new Rejector(sender, rejectRate, System::nanoTime);
    this.neighbours =
        new NeighbourResponder(this::macOf, sender::send, NEIGHBOUR_RATE, System::nanoTime);
  }

  void packetIn(PacketIn packet) {
    count.incrementAndGet();
    byte[] userdata = packet.userdata().toByteArray();
    if (userdata.length > 0 && userdata[0] == ToAgent.REJECT) {
      rejector.packetIn(packet.inPort(), packet.data().toByteArray());
    } else if (userdata.length > 0 && userdata[0] == ToAgent.NEIGHBOUR) {
      neighbours.packetIn(packet.inPort(), packet.data().toByteArray());
    } else if (userdata.length > 0 && userdata[0] == ToAgent.ANSWER) {
      packet
          .metadata()
          .get(Registers.OUTPUT_PORT.range().field())
          .ifPresent(port -> answers.accept((int) port.value().toLong(), packet.data()));
    } else {
      PolicyPacketIn.parse(packet.userdata())
          .ifPresent(what -> policies.decided(what, packet.data().toByteArray()));
    }
  }

  /** With all meters. */
  ConnectionOptions metered(ConnectionOptions options) {
    return options.withMeter(meter()).withMeter(policyMeter()).withMeter(answerMeter());
  }

  /**
   * What the switch hands over at most: above what is answered, so that it is the agent who
   * chooses; far below what would keep it busy.
   */
  private ConnectionOptions.Meter meter() {
    int rate = 2 * rejectRate + SOLICITATIONS;
    return new ConnectionOptions.Meter(ToAgent.METER, rate, rate);
  }

  /** Of packets of connections that policies log: likewise. */
  private ConnectionOptions.Meter policyMeter() {
    int rate = Math.max(1, 2 * policyLogRate);
    return new ConnectionOptions.Meter(ToAgent.POLICY_METER, rate, rate);
  }

  /**
   * Of DNS answers that are read: far more than pods of one node ask, far less than it can read.
   */
  private static ConnectionOptions.Meter answerMeter() {
    return new ConnectionOptions.Meter(ToAgent.ANSWER_METER, ANSWERS, ANSWERS);
  }

  /**
   * Whom IPv6 packets may be sent to at the switch: the gateway and the router. Not pods, which
   * reach each other through the gateway only.
   */
  private Optional<Mac> macOf(Ip address) {
    if (node.networks().stream().anyMatch(n -> n.gateway().equals(address))) {
      return Optional.of(node.gatewayMac());
    }
    if (address.equals(Addresses.router(address.family()))) {
      return Optional.of(Addresses.ROUTER_MAC);
    }
    return Optional.empty();
  }

  Rejector.Counts rejects() {
    return rejector.counts();
  }

  NeighbourResponder.Counts neighbours() {
    return neighbours.counts();
  }

  PolicyLog policies() {
    return policies;
  }

  long count() {
    return count.get();
  }
}
