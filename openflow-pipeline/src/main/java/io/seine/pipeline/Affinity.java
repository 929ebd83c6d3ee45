package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Action.LearnSpec;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How clients keep their endpoint: the switch learns a flow for each, keyed by its address and the
 * group. The whole story, and what was tried, is in {@code docs/decisions/affinity.md}.
 *
 * @param group the group of the port's endpoints
 * @param seconds how long a client is remembered after its last new connection
 */
record Affinity(int group, Family family, int seconds, EndpointDnat dnat) {
  /** The most that a flow's timeout can say, which has 16 bits. */
  static final int MOST_BY_TIMEOUT = 65_535;

  private static final int LEARNED_PRIORITY = 200;

  /** NX_LEARN_F_DELETE_LEARNED: with the flow that taught it goes what was learnt. */
  private static final int DELETE_LEARNED = 2;

  /** In ServiceLB: the endpoint that the client had, or else one that the group picks. */
  List<Action> ask() {
    return List.of(
        Registers.GROUP.set(Integer.toUnsignedLong(group)),
        Action.Resubmit.to(Table.AFFINITY.number()),
        Action.Resubmit.to(Table.ENDPOINT_DNAT.number()));
  }

  /** In the group: on with the endpoint of a bucket. */
  List<Action> pick(int bucket) {
    return List.of(
        Registers.ENDPOINT.set(Integer.toUnsignedLong(bucket)),
        Action.Resubmit.to(Table.ENDPOINT_DNAT.number()));
  }

  /** In EndpointDnat: to the endpoint that is known, and remember it; without one, to the group. */
  List<Flow> flows(Map<Integer, ServiceFact.Endpoint> endpoints) {
    List<Flow> flows = new ArrayList<>();
    flows.add(ours(200).then(new Action.Group(group)));
    endpoints.forEach((bucket, endpoint) ->
        flows.add(
            ours(210)
                .when(Registers.ENDPOINT.is(Integer.toUnsignedLong(bucket)))
                .then(learn(bucket), dnat.to(endpoint))));
    return flows;
  }

  private Rule ours(int priority) {
    return Rule.in(Table.ENDPOINT_DNAT, priority)
        .ip(family)
        .when(Registers.GROUP.is(Integer.toUnsignedLong(group)));
  }

  private Action learn(int bucket) {
    BitRange client = BitRange.all(IpFields.source(family));
    BitRange register = Registers.GROUP.range();
    int idleTimeout = seconds <= MOST_BY_TIMEOUT ? seconds : 0;
    return new Action.Learn(
        idleTimeout,
        0,
        LEARNED_PRIORITY,
        Cookie.learned(group, bucket, idleTimeout),
        DELETE_LEARNED,
        Table.AFFINITY.number(),
        0,
        0,
        List.of(
            new LearnSpec.MatchValue(Bits.of(family.etherType(), 2), BitRange.all(Field.ETH_TYPE)),
            new LearnSpec.MatchField(client, client),
            new LearnSpec.MatchField(register, register),
            new LearnSpec.LoadValue(
                Bits.of(Integer.toUnsignedLong(bucket), 4), Registers.ENDPOINT.range())));
  }
}
