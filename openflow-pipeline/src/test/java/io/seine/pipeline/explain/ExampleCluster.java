package io.seine.pipeline.explain;

import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Node n1 with pods a and b, node n2 with pod c, and the service front of all three: what n1's
 * switch holds of them, and their names.
 */
final class ExampleCluster {
  static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  static final PeerNode PEER =
      new PeerNode("n2", Ip.parse("192.0.2.2"), IpPrefix.parse("10.0.2.0/24"));
  static final LocalPod A = pod("a", "10.0.1.2", 5);
  static final LocalPod B = pod("b", "10.0.1.3", 6);
  static final Owner C = new Owner.Pod("web", "c");
  static final Ip ADDRESS_OF_C = Ip.parse("10.0.2.9");
  static final ServiceFact FRONT =
      new ServiceFact(
          "web",
          "front",
          List.of(
              ServiceFact.Port.clusterIp(
                  "http",
                  ServiceFact.Protocol.TCP,
                  80,
                  List.of(Ip.parse("10.100.0.7")),
                  List.of(
                      new ServiceFact.Endpoint(A.address(), 8080),
                      new ServiceFact.Endpoint(B.address(), 8080),
                      new ServiceFact.Endpoint(ADDRESS_OF_C, 8080)))));

  private static final FlowSet SERVICE = ServiceCompiler.compile(FRONT, new GroupIds());

  private ExampleCluster() {}

  private static LocalPod pod(String name, String address, int ofport) {
    Ip ip = Ip.parse(address);
    return new LocalPod("web", name, ip, Addresses.macOf(ip), ofport);
  }

  /** Every name there is. */
  static Names names() {
    return new Names()
        .node(NODE)
        .peer(PEER)
        .pod(C, ADDRESS_OF_C)
        .pod(A)
        .pod(B)
        .service(FRONT)
        .owned(FRONT.owner(), SERVICE);
  }

  static List<Group> groups() {
    return SERVICE.groups();
  }

  /** Each 9 s old, with 3 packets of 100 bytes. */
  static List<InstalledFlow> flows() {
    List<InstalledFlow> flows = new ArrayList<>();
    install(flows, new Owner.Base(), BaseCompiler.compile(NODE));
    install(flows, PEER.owner(), NodeCompiler.compile(NODE, PEER));
    install(flows, A.owner(), PodCompiler.compile(NODE, A));
    install(flows, B.owner(), PodCompiler.compile(NODE, B));
    install(flows, FRONT.owner(), SERVICE);
    return flows;
  }

  static List<ExplainedFlow> explained() {
    return new Explainer(names(), groups()).explain(flows());
  }

  private static void install(List<InstalledFlow> flows, Owner owner, FlowSet set) {
    for (Flow flow : set.flows()) {
      flows.add(
          new InstalledFlow(
              flow, Cookie.of(owner.kind(), flow), Duration.ofSeconds(9), 3, 300, 0, 0));
    }
  }
}
