package io.seine.pipeline;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Port;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A node of both families with pods a and b, a peer with pod c, and the cases of the Service API:
 * what the golden texts and the tests on a real switch are made of.
 */
final class ServiceCases {
  static final LocalNode NODE =
      new LocalNode(
          "n1",
          Ip.parse("192.0.2.1"),
          List.of(network("10.0.1.0/24"), network("fd00:10:0:1::/64")),
          List.of(IpPrefix.parse("10.100.0.0/16"), IpPrefix.parse("fd00:100::/112")),
          List.of(Ip.parse("192.0.2.1"), Ip.parse("2001:db8::1")),
          1,
          2);
  static final PeerNode PEER =
      new PeerNode(
          "n2",
          Ip.parse("192.0.2.2"),
          List.of(IpPrefix.parse("10.0.2.0/24"), IpPrefix.parse("fd00:10:0:2::/64")));
  static final LocalPod A = pod("a", 5, "10.0.1.2", "fd00:10:0:1::2");
  static final LocalPod B = pod("b", 6, "10.0.1.3", "fd00:10:0:1::3");
  static final Owner C = new Owner.Pod("web", "c");
  static final Ip EXTERNAL = Ip.parse("203.0.113.7");

  private static final List<Endpoint> ALL = endpoints("10.0.1.2", "10.0.1.3", "10.0.2.9");
  private static final List<Endpoint> HERE = endpoints("10.0.1.2", "10.0.1.3");
  private static final List<Endpoint> ELSEWHERE = endpoints("10.0.2.9");
  private static final List<Endpoint> NONE = List.of();

  /**
   * A case.
   *
   * @param name of its golden text
   * @param story what it is about
   */
  record Case(String name, String story, ServiceFact service) {
    @Override
    public String toString() {
      return name;
    }
  }

  private ServiceCases() {}

  private static LocalNode.Network network(String cidr) {
    return LocalNode.Network.of(IpPrefix.parse(cidr));
  }

  private static LocalPod pod(String name, int ofport, String... addresses) {
    List<Ip> ips = Stream.of(addresses).map(Ip::parse).toList();
    return new LocalPod("web", name, ips, Addresses.macOf(ips.getFirst()), ofport);
  }

  static List<Endpoint> endpoints(String... addresses) {
    return Stream.of(addresses).map(a -> new Endpoint(Ip.parse(a), 8080)).toList();
  }

  static Frontend clusterIp(String address, Policy policy) {
    return Frontend.clusterIp(Ip.parse(address), 80, policy);
  }

  static Frontend nodePort(Family family, Policy outside) {
    return new Frontend(
        Kind.NODE_PORT,
        Addresses.nodePort(family),
        30080,
        Optional.empty(),
        Policy.CLUSTER,
        outside,
        List.of());
  }

  static Frontend external(Kind kind, Policy outside, String... sources) {
    return new Frontend(
        kind,
        EXTERNAL,
        80,
        Optional.of(Addresses.standIns(Family.IPV4).network().plus(7)),
        Policy.CLUSTER,
        outside,
        Stream.of(sources).map(IpPrefix::parse).toList());
  }

  static Port port(
      Protocol protocol, List<Frontend> frontends, List<Endpoint> all, List<Endpoint> here) {
    return new Port("http", protocol, Family.IPV4, 80, frontends, all, here, OptionalInt.empty());
  }

  static Port withAffinity(Port port, int seconds) {
    return new Port(
        port.name(),
        port.protocol(),
        port.family(),
        port.port(),
        port.frontends(),
        port.endpoints(),
        port.localEndpoints(),
        OptionalInt.of(seconds));
  }

  static ServiceFact service(Port... ports) {
    return new ServiceFact("web", "front", List.of(ports));
  }

  private static List<Frontend> everyWay(Policy outside) {
    return List.of(
        clusterIp("10.100.0.7", Policy.CLUSTER),
        nodePort(Family.IPV4, outside),
        external(Kind.LOAD_BALANCER, outside));
  }

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    Frontend cluster = clusterIp("10.100.0.7", Policy.CLUSTER);
    cases.add(
        new Case(
            "cluster-ip",
            "a cluster IP, three endpoints",
            service(port(Protocol.TCP, List.of(cluster), ALL, NONE))));
    cases.add(
        new Case(
            "several-ports",
            "TCP and UDP on the same port, and another port; a group for each",
            service(
                port(Protocol.TCP, List.of(cluster), ALL, NONE),
                port(Protocol.UDP, List.of(cluster), ALL, NONE),
                new Port(
                    "metrics",
                    Protocol.TCP,
                    Family.IPV4,
                    9090,
                    List.of(Frontend.clusterIp(Ip.parse("10.100.0.7"), 9090, Policy.CLUSTER)),
                    List.of(new Endpoint(Ip.parse("10.0.1.2"), 9000)),
                    NONE,
                    OptionalInt.empty()))));
    cases.add(new Case("sctp", "SCTP", service(port(Protocol.SCTP, List.of(cluster), ALL, NONE))));
    cases.add(
        new Case(
            "node-port",
            "cluster IP and node port share a group",
            service(
                port(
                    Protocol.TCP,
                    List.of(cluster, nodePort(Family.IPV4, Policy.CLUSTER)),
                    ALL,
                    NONE))));
    cases.add(
        new Case(
            "external-ip",
            "an external IP: pods come to the address itself, others by its stand-in",
            service(
                port(
                    Protocol.TCP,
                    List.of(cluster, external(Kind.EXTERNAL_IP, Policy.CLUSTER)),
                    ALL,
                    NONE))));
    cases.add(
        new Case(
            "source-ranges",
            "a load balancer address that only two blocks may use; pods are not excepted",
            service(
                port(
                    Protocol.TCP,
                    List.of(
                        cluster,
                        external(
                            Kind.LOAD_BALANCER, Policy.CLUSTER, "10.0.0.0/8", "198.51.100.0/24")),
                    ALL,
                    NONE))));
    cases.add(
        new Case(
            "source-ranges-and-external-policy-local",
            "both at once",
            service(
                port(
                    Protocol.TCP,
                    List.of(external(Kind.LOAD_BALANCER, Policy.LOCAL, "198.51.100.0/24")),
                    ALL,
                    HERE))));
    cases.add(
        new Case(
            "internal-policy-local",
            "internalTrafficPolicy Local: the node's own endpoints only",
            service(
                port(Protocol.TCP, List.of(clusterIp("10.100.0.7", Policy.LOCAL)), ALL, HERE))));
    cases.add(
        new Case(
            "internal-policy-local-none-here",
            "internalTrafficPolicy Local, all endpoints are elsewhere: dropped, not refused",
            service(
                port(
                    Protocol.TCP,
                    List.of(clusterIp("10.100.0.7", Policy.LOCAL)),
                    ELSEWHERE,
                    NONE))));
    cases.add(
        new Case(
            "external-policy-local",
            "externalTrafficPolicy Local: outside clients keep their address and reach the node's"
                + " own endpoints; pods and the node itself reach all",
            service(port(Protocol.TCP, everyWay(Policy.LOCAL), ALL, HERE))));
    cases.add(
        new Case(
            "external-policy-local-none-here",
            "externalTrafficPolicy Local, all endpoints are elsewhere: outside clients are dropped",
            service(port(Protocol.TCP, everyWay(Policy.LOCAL), ELSEWHERE, NONE))));
    cases.add(
        new Case(
            "no-endpoints",
            "no endpoint anywhere: refused by whatever way",
            service(port(Protocol.TCP, everyWay(Policy.LOCAL), NONE, NONE))));
    cases.add(
        new Case(
            "affinity",
            "sessionAffinity ClientIP for three hours",
            service(withAffinity(port(Protocol.TCP, List.of(cluster), HERE, NONE), 10_800))));
    cases.add(
        new Case(
            "affinity-and-external-policy-local",
            "each group remembers for itself; a day is more than a timeout can say",
            service(
                withAffinity(
                    port(Protocol.UDP, everyWay(Policy.LOCAL), ALL, endpoints("10.0.1.2")),
                    86_400))));
    cases.add(
        new Case(
            "dual-stack",
            "a port of each family, with a group of its own",
            service(
                port(
                    Protocol.TCP,
                    List.of(cluster, nodePort(Family.IPV4, Policy.CLUSTER)),
                    HERE,
                    NONE),
                withAffinity(
                    new Port(
                        "http",
                        Protocol.TCP,
                        Family.IPV6,
                        80,
                        List.of(
                            clusterIp("fd00:100::7", Policy.CLUSTER),
                            nodePort(Family.IPV6, Policy.CLUSTER)),
                        endpoints("fd00:10:0:1::2", "fd00:10:0:2::9"),
                        NONE,
                        OptionalInt.empty()),
                    60))));
    return cases;
  }
}
