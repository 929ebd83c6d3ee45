package io.seine.cli.flows;

import io.seine.agent.config.Networks;
import io.seine.agent.kube.SliceInfo;
import io.seine.cli.flows.ServiceView.Backend;
import io.seine.cli.flows.ServiceView.Share;
import io.seine.cli.flows.ServiceView.State;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Port;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The endpoints of one port of a service: those that slices have, and those that get something. */
final class ServiceBackends {
  private final String node;
  private final Port port;
  private final Map<Ip, Owner> pods;

  /** A slice's word, the better one where two slices have the endpoint. */
  private record Said(String node, SliceInfo.Condition condition, SliceInfo.Hints hints) {}

  /**
   * @param node whose switch this is about
   * @param pods by their addresses
   */
  ServiceBackends(String node, Port port, Map<Ip, Owner> pods) {
    this.node = node;
    this.port = port;
    this.pods = pods;
  }

  /**
   * All of them, those first that get connections.
   *
   * @param slices the service's
   * @param shares of connections that any endpoint may take
   * @param localShares of those for endpoints of the node only
   */
  List<Backend> all(
      List<SliceInfo> slices, Map<Endpoint, Share> shares, Map<Endpoint, Share> localShares) {
    Map<Endpoint, Optional<Said>> each = new TreeMap<>();
    said(slices).forEach((endpoint, said) -> each.put(endpoint, Optional.of(said)));
    shares.keySet().forEach(endpoint -> each.putIfAbsent(endpoint, Optional.empty()));
    localShares.keySet().forEach(endpoint -> each.putIfAbsent(endpoint, Optional.empty()));
    List<Backend> backends = new ArrayList<>();
    each.forEach((endpoint, said) ->
        backends.add(
            backend(
                endpoint,
                said,
                Optional.ofNullable(shares.get(endpoint)),
                Optional.ofNullable(localShares.get(endpoint)))));
    backends.sort(
        Comparator.comparing((Backend b) -> b.share().isEmpty())
            .thenComparing(b -> b.localShare().isEmpty()));
    return backends;
  }

  private Backend backend(
      Endpoint endpoint, Optional<Said> said, Optional<Share> share, Optional<Share> localShare) {
    String where = said.map(Said::node).orElse("");
    return new Backend(
        endpoint,
        Optional.ofNullable(pods.get(endpoint.address())),
        where,
        where.equals(node),
        said.map(s -> state(s.condition())).orElse(State.GONE),
        share,
        localShare,
        share.isPresent() ? "" : said.map(s -> why(endpoint, s)).orElse(""));
  }

  private String why(Endpoint endpoint, Said said) {
    if (port.endpoints().contains(endpoint)) {
      return "it should be used, but the switch does not have it";
    }
    return switch (said.condition()) {
      case UNUSED -> "it is not ready";
      case DRAINING -> "it terminates, and others are ready";
      case READY -> {
        if (!said.hints().nodes().isEmpty() && !said.hints().nodes().contains(node)) {
          yield "it is meant for " + String.join(", ", said.hints().nodes());
        }
        yield said.hints().zones().isEmpty()
            ? "there are more than are used"
            : "it is meant for zone " + String.join(", ", said.hints().zones());
      }
    };
  }

  private static State state(SliceInfo.Condition condition) {
    return switch (condition) {
      case READY -> State.READY;
      case DRAINING -> State.TERMINATING;
      case UNUSED -> State.NOT_READY;
    };
  }

  private Map<Endpoint, Said> said(List<SliceInfo> slices) {
    Map<Endpoint, Said> each = new TreeMap<>();
    for (SliceInfo slice : slices) {
      for (SliceInfo.Port target : slice.ports()) {
        if (target.name().equals(port.name())
            && target.protocol().equals(port.protocol().name())
            && target.port() >= 1
            && target.port() <= 65535) {
          slice.endpoints().forEach(endpoint -> said(endpoint, target.port(), each));
        }
      }
    }
    return each;
  }

  private void said(SliceInfo.Endpoint endpoint, int target, Map<Endpoint, Said> each) {
    Networks.ip(endpoint.address())
        .filter(address -> address.family() == port.family())
        .ifPresent(address ->
            each.merge(
                new Endpoint(address, target),
                new Said(endpoint.node(), endpoint.condition(), endpoint.hints()),
                (a, b) -> a.condition().compareTo(b.condition()) <= 0 ? a : b));
  }
}
