package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.List;

/** What a pod of the node needs: to send as itself only, to be found, and to be reached. */
public final class PodCompiler {
  private PodCompiler() {}

  public static FlowSet compile(LocalNode node, LocalPod pod) {
    List<Flow> flows = new ArrayList<>();
    for (Ip address : pod.addresses()) {
      Neighbours.pod(pod, address, flows);
      send(pod, address, flows);
      Routes.pod(node, pod, address, flows);
      flows.add(SourceNat.hairpin(address));
    }
    deliver(pod, flows);
    return new FlowSet(flows, List.of());
  }

  private static void send(LocalPod pod, Ip address, List<Flow> flows) {
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(pod.ofport())
            .ip(address.family())
            .then(Registers.SOURCE.set(Side.POD), Rule.goTo(Table.SOURCE_GUARD)));
    flows.add(
        Rule.in(Table.SOURCE_GUARD, 200)
            .port(pod.ofport())
            .is(Field.ETH_SRC, pod.mac())
            .source(address)
            .then(Rule.goTo(Table.UN_SNAT)));
  }

  private static void deliver(LocalPod pod, List<Flow> flows) {
    Action port = Registers.OUTPUT_PORT.set(pod.ofport());
    flows.add(
        Rule.in(Table.DELIVERY, 200)
            .to(Side.POD)
            .is(Field.ETH_DST, pod.mac())
            .then(port, Rule.goTo(Table.INGRESS_POLICY)));
    flows.add(
        Rule.in(Table.DELIVERY, 210)
            .port(pod.ofport())
            .to(Side.POD)
            .is(Field.ETH_DST, pod.mac())
            .then(Registers.HAIRPIN.set(1), port, Rule.goTo(Table.INGRESS_POLICY)));
  }
}
