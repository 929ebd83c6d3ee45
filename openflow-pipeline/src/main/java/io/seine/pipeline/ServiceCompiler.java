package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a service needs: for each port one group, with a bucket for each endpoint, and one flow for
 * each address. Without an endpoint there is no group, and the flow asks the agent to refuse.
 */
public final class ServiceCompiler {
  /** The first byte of the user data of packets that come to the agent to be refused. */
  public static final int REJECT = 1;

  /** Enough of a packet to quote in an ICMP error, and all of a TCP segment without data. */
  private static final int REJECT_BYTES = 256;

  private static final int REASON_ACTION = 1;
  private static final int WEIGHT = 100;

  private ServiceCompiler() {}

  public static FlowSet compile(ServiceFact service, GroupIds ids) {
    List<Flow> flows = new ArrayList<>();
    List<Group> groups = new ArrayList<>();
    for (ServiceFact.Port port : service.ports()) {
      compile(service, port, ids, flows, groups);
    }
    return new FlowSet(flows, groups);
  }

  private static void compile(
      ServiceFact service,
      ServiceFact.Port port,
      GroupIds ids,
      List<Flow> flows,
      List<Group> groups) {
    List<Match> matches =
        port.frontends().stream().map(f -> match(port, f.address())).distinct().toList();
    if (matches.isEmpty()) {
      return;
    }
    Action action;
    if (port.endpoints().isEmpty()) {
      action = reject();
    } else {
      int id =
          ids.idOf(
              groupName(service, port), Fingerprint.of(flow(matches.getFirst(), reject()).key()));
      List<Group.Bucket> buckets = buckets(port);
      groups.add(
          new Group(
              id, Group.Type.SELECT, GroupSelection.of(port.protocol(), buckets.size()), buckets));
      action = new Action.Group(id);
    }
    matches.forEach(match -> flows.add(flow(match, action)));
  }

  private static Flow flow(Match match, Action action) {
    return new Flow(Table.SERVICE_LB.number(), 200, match, List.of(action));
  }

  private static Match match(ServiceFact.Port port, Ip address) {
    return Rule.in(Table.SERVICE_LB, 200)
        .ip()
        .when(FieldMatch.exact(Field.IP_PROTO, port.protocol().number()))
        .is(Field.IPV4_DST, address)
        .when(FieldMatch.exact(destinationPort(port.protocol()), port.port()))
        .drop()
        .match();
  }

  private static Field destinationPort(ServiceFact.Protocol protocol) {
    return switch (protocol) {
      case TCP -> Field.TCP_DST;
      case UDP -> Field.UDP_DST;
      case SCTP -> Field.SCTP_DST;
    };
  }

  private static Action reject() {
    return new Action.Controller(
        REJECT_BYTES, 0, REASON_ACTION, Bits.of(REJECT, 1), false, OptionalInt.empty());
  }

  /** What the id of a service port's group is made from. */
  static String groupName(ServiceFact service, ServiceFact.Port port) {
    return "%s/%s/%s/%d"
        .formatted(service.namespace(), service.name(), port.protocol(), port.port());
  }

  private static List<Group.Bucket> buckets(ServiceFact.Port port) {
    List<Group.Bucket> buckets = new ArrayList<>(port.endpoints().size());
    Set<Integer> taken = new HashSet<>();
    for (ServiceFact.Endpoint endpoint : new TreeSet<>(port.endpoints())) {
      int id = (int) Fingerprint.of(endpoint.toString()) & 0x7fffffff;
      while (!taken.add(id)) {
        id = (id + 1) & 0x7fffffff;
      }
      buckets.add(new Group.Bucket(id, WEIGHT, List.of(translate(endpoint))));
    }
    return buckets;
  }

  private static Action translate(ServiceFact.Endpoint endpoint) {
    Action.Nat nat =
        new Action.Nat(
            Action.Nat.Kind.DST,
            0,
            Optional.of(endpoint.address().value()),
            Optional.empty(),
            OptionalInt.of(endpoint.port()),
            OptionalInt.empty());
    return Rule.commit(Zones.MAIN, Table.EGRESS_POLICY, Optional.of(nat), CtMarks.SERVICE.set(1));
  }
}
