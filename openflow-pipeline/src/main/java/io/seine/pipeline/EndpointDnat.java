package io.seine.pipeline;

import io.seine.openflow.Action;
import java.util.Optional;

/**
 * The translation of a connection's destination to an endpoint, which also records it.
 *
 * @param local whether the endpoint is to see the client's own address, see {@link CtMarks#LOCAL}
 */
record EndpointDnat(boolean local) {
  Action to(ServiceFact.Endpoint endpoint) {
    Action[] marks =
        local
            ? new Action[] {CtMarks.SERVICE.set(1), CtMarks.LOCAL.set(1)}
            : new Action[] {CtMarks.SERVICE.set(1)};
    return Rule.commit(
        Zones.MAIN,
        Table.EGRESS_POLICY,
        Optional.of(Action.Nat.destination(endpoint.address().value(), endpoint.port())),
        marks);
  }
}
