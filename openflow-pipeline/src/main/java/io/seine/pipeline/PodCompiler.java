package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import io.seine.openflow.Mac;
import java.util.ArrayList;
import java.util.List;

/** What a pod of the node needs: to send as itself only, to be found, and to be reached. */
public final class PodCompiler {
  private PodCompiler() {}

  public static FlowSet compile(LocalNode node, LocalPod pod) {
    List<Flow> flows = new ArrayList<>();
    sending(pod, flows);
    receiving(node, pod, flows);
    return new FlowSet(flows, List.of());
  }

  private static void sending(LocalPod pod, List<Flow> flows) {
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(pod.ofport())
            .arp()
            .then(Registers.SOURCE.set(Side.POD), Rule.goTo(Table.ARP_GUARD)));
    flows.add(
        Rule.in(Table.CLASSIFIER, 200)
            .port(pod.ofport())
            .ip()
            .then(Registers.SOURCE.set(Side.POD), Rule.goTo(Table.SOURCE_GUARD)));
    flows.add(
        Rule.in(Table.ARP_GUARD, 200)
            .port(pod.ofport())
            .is(Field.ETH_SRC, pod.mac())
            .arpRequest()
            .is(Field.ARP_SPA, pod.address())
            .is(Field.ARP_SHA, pod.mac())
            .then(Rule.goTo(Table.ARP_RESPONDER)));
    // It announces itself, or looks for someone with its own address: there is no one to answer.
    flows.add(
        Rule.in(Table.ARP_GUARD, 210)
            .port(pod.ofport())
            .arp()
            .is(Field.ARP_TPA, pod.address())
            .drop());
    flows.add(
        Rule.in(Table.SOURCE_GUARD, 200)
            .port(pod.ofport())
            .is(Field.ETH_SRC, pod.mac())
            .ip()
            .is(Field.IPV4_SRC, pod.address())
            .then(Rule.goTo(Table.UN_SNAT)));
  }

  private static void receiving(LocalNode node, LocalPod pod, List<Flow> flows) {
    Action toPod = Registers.DESTINATION.set(Side.POD);
    flows.add(BaseCompiler.arpAnswer(pod.address(), pod.mac()));
    for (Mac router : List.of(node.gatewayMac(), Addresses.ROUTER_MAC)) {
      flows.add(
          Rule.in(Table.ROUTING, 200)
              .is(Field.ETH_DST, router)
              .ip()
              .is(Field.IPV4_DST, pod.address())
              .then(
                  Rule.set(Field.ETH_SRC, node.gatewayMac()),
                  Rule.set(Field.ETH_DST, pod.mac()),
                  toPod,
                  Rule.goTo(Table.TTL)));
    }
    flows.add(
        Rule.in(Table.ROUTING, 200)
            .is(Field.ETH_DST, pod.mac())
            .ip()
            .is(Field.IPV4_DST, pod.address())
            .then(toPod, Rule.goTo(Table.SNAT)));
    // To itself, through a service. Not under the gateway's address: the node's own connections to
    // the pod have that one, and the answer to one with the same port would go astray.
    flows.add(
        Rule.in(Table.SNAT, 200)
            .ip()
            .is(Field.IPV4_SRC, pod.address())
            .is(Field.IPV4_DST, pod.address())
            .serviceRequest()
            .then(BaseCompiler.sourceNat(Addresses.ROUTER_ADDRESS)));
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
