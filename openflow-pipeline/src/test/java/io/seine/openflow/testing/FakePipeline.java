package io.seine.openflow.testing;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Ports;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Runs packets through the flows of a {@link FakeSwitch}: registers, set_field, move, goto,
 * resubmit, groups, connection tracking with zones and translation, output. Connections stay from
 * one packet to the next.
 */
public final class FakePipeline {
  private final FakeSwitch flows;
  private final FakeConntrack connections = new FakeConntrack();

  public FakePipeline(FakeSwitch flows) {
    this.flows = flows;
  }

  /** What left the switch: by which port, and as what. */
  public record Sent(int port, FakePacket packet) {}

  /**
   * What became of a packet.
   *
   * @param tables those it met, in order
   * @param toController the user data it was sent to the controller with
   */
  public record Story(List<Integer> tables, List<Sent> sent, List<Bits> toController) {
    /** One line: the tables, and what left. */
    public String text() {
      StringBuilder text = new StringBuilder();
      tables.forEach(t -> text.append(t).append(' '));
      if (sent.isEmpty() && toController.isEmpty()) {
        return text.append("dropped").toString();
      }
      sent.forEach(
          s -> text.append("-> port ").append(s.port).append(": ").append(s.packet.story()));
      toController.forEach(u -> text.append("-> agent ").append(u));
      return text.toString();
    }
  }

  /** Lets the packet in. */
  public Story run(FakePacket packet) {
    Story story = new Story(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    lookup(0, packet.copy(), story);
    return story;
  }

  private void lookup(int table, FakePacket packet, Story story) {
    story.tables.add(table);
    if (story.tables.size() > 200) {
      throw new AssertionError("the packet goes round: " + story.text());
    }
    Optional<Flow> flow =
        flows.entries().stream()
            .map(FakeSwitch.Entry::flow)
            .filter(f -> f.table() == table)
            .filter(f -> f.match().fields().stream().allMatch(packet::matches))
            .max(Comparator.comparingInt(Flow::priority));
    flow.ifPresent(f -> run(f.actions(), packet, story));
  }

  private void run(List<Action> actions, FakePacket packet, Story story) {
    for (Action action : actions) {
      run(action, packet, story);
    }
  }

  private void run(Action action, FakePacket packet, Story story) {
    switch (action) {
      case Action.SetField set -> set(set, packet);
      case Action.Move move -> packet.set(move.target(), packet.get(move.source()));
      case Action.DecTtl _ -> packet.with(Field.IP_TTL, packet.get(Field.IP_TTL) - 1);
      case Action.GotoTable go -> lookup(go.table(), packet, story);
      case Action.Resubmit re -> lookup(re.table(), packet, story);
      case Action.Output out -> output(out.port(), packet, story);
      case Action.OutputReg out -> output((int) packet.get(out.source()), packet, story);
      case Action.Controller c -> story.toController.add(c.userdata());
      case Action.Group g -> {
        Optional<Group> found = flows.group(g.groupId());
        if (found.isEmpty() || found.get().buckets().isEmpty()) {
          return;
        }
        Group group = found.get();
        int pick = Math.floorMod(packet.story().hashCode(), group.buckets().size());
        run(group.buckets().get(pick).actions(), packet.copy(), story);
      }
      case Action.Ct ct -> {
        FakePacket tracked = ct.table().isPresent() ? packet.copy() : packet;
        connections.track(ct, tracked);
        for (Action exec : ct.exec()) {
          run(exec, tracked, story);
          connections.mark(tracked);
        }
        ct.table().ifPresent(table -> lookup(table, tracked, story));
      }
      default -> throw new AssertionError("the fake cannot do " + action);
    }
  }

  private static void set(Action.SetField set, FakePacket packet) {
    Field field = (Field) set.field();
    long mask = set.mask().map(Bits::toLong).orElse(-1L);
    packet.with(field, (packet.get(field) & ~mask) | (set.value().toLong() & mask));
  }

  // Like OVS: a packet never leaves by the port it came by, unless that is asked for by name.
  private static void output(int port, FakePacket packet, Story story) {
    int inPort = (int) packet.get(Field.IN_PORT);
    if (port == Ports.IN_PORT) {
      story.sent.add(new Sent(inPort, packet.copy()));
    } else if (port != inPort && port != 0) {
      story.sent.add(new Sent(port, packet.copy()));
    }
  }
}
