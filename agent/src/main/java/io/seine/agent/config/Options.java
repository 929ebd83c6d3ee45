package io.seine.agent.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Every option there is, in the order of the documentation. */
public final class Options {
  static final Option<String> NODE_NAME =
      Option.optional(
          "nodeName",
          "node name",
          Values::nodeName,
          "The name of this node's Node object. Without it, the environment variable `NODE_NAME` is"
              + " used, which the DaemonSet sets from `spec.nodeName`.");
  static final Option<Path> KUBECONFIG =
      Option.optional(
          "kubeconfig",
          "absolute path",
          Values::path,
          "A kubeconfig file to reach the API server with. Without it, the pod's service account is"
              + " used.");
  static final Option<URI> API_SERVER =
      Option.optional(
          "apiServer",
          "http or https URL",
          Values::url,
          "The API server's address, in place of the one that the kubeconfig or the cluster"
              + " gives. Needed where nothing else serves the `kubernetes` service before this"
              + " agent does.");
  static final Option<String> BRIDGE =
      Option.withDefault(
          "bridge", "interface name", "br-int", Values::link, "The bridge that the agent owns.");
  static final Option<DatapathType> DATAPATH_TYPE =
      Option.withDefault(
          "datapathType",
          "one of " + Values.choices(DatapathType.class),
          "auto",
          Values.oneOf(DatapathType.class),
          "Which datapath the bridge uses: `system` is the kernel's, `netdev` the one in user"
              + " space. `auto` takes the kernel's where Open vSwitch offers it.");
  static final Option<Path> OVSDB_SOCKET =
      Option.withDefault(
          "ovsdbSocket",
          "absolute path",
          "/var/run/openvswitch/db.sock",
          Values::path,
          "The Unix socket of ovsdb-server.");
  static final Option<Path> OVS_RUN_DIR =
      Option.withDefault(
          "ovsRunDir",
          "absolute path",
          "/var/run/openvswitch",
          Values::path,
          "The directory where ovs-vswitchd keeps the bridge's management socket, `BRIDGE.mgmt`,"
              + " and its control socket.");
  static final Option<TunnelType> TUNNEL_TYPE =
      Option.withDefault(
          "tunnelType",
          "one of " + Values.choices(TunnelType.class),
          "geneve",
          Values.oneOf(TunnelType.class),
          "How pod traffic travels between nodes. The same on every node.");
  static final Option<Integer> TUNNEL_PORT =
      Option.withDefault(
          "tunnelPort",
          "number 0..65535",
          "0",
          Values.integer(0, 65535),
          "The UDP port of the tunnel; 0 for the protocol's own, 6081 for Geneve and 4789 for"
              + " VXLAN. The same on every node.");
  static final Option<String> TRANSPORT_ADDRESS =
      Option.optional(
          "transportAddress",
          "IP address",
          Values::ip,
          "This node's address as the others' tunnels reach it, of either family, whatever the"
              + " pods'. Without it, the Node's first IPv4 `InternalIP`, or its first IPv6 one if it"
              + " has no other. The other nodes read this node's address from its Node object, the"
              + " first `InternalIP` of the family that their own tunnels run over, so the two must"
              + " agree, and the family be the same on every node.");
  static final Option<Integer> MTU =
      Option.withDefault(
          "mtu",
          "0, or number 576..65000",
          "0",
          Values::mtu,
          "The MTU of pods and of gw0, in bytes. 0 takes the transport interface's, less what the"
              + " tunnel adds.");
  static final Option<String> SERVICE_CIDRS =
      Option.list(
          "serviceCidrs",
          "IP networks",
          true,
          Values::network,
          "The networks that cluster IPs come from (kube-apiserver's `--service-cluster-ip-range`)."
              + " The node sends its own traffic for them through the bridge, and what matches no"
              + " service never leaves the node.");
  static final Option<String> CLUSTER_POD_CIDRS =
      Option.list(
          "clusterPodCidrs",
          "IP networks",
          false,
          Values::network,
          "The networks that the nodes' pod networks come from: pod traffic to them is never"
              + " masqueraded. Without it, the pod networks of the nodes there are.");
  static final Option<Boolean> MASQUERADE =
      Option.withDefault(
          "masquerade",
          "true or false",
          "true",
          Values::bool,
          "Whether pod traffic that leaves the pod network takes the node's address.");
  static final Option<Boolean> ENABLE_IP_FORWARDING =
      Option.withDefault(
          "enableIpForwarding",
          "true or false",
          "false",
          Values::bool,
          "Whether the agent may switch the kernel's `net.ipv4.ip_forward` on, and where pods have"
              + " IPv6 `net.ipv6.conf.all.forwarding`; devices that listen to router advertisements"
              + " go on doing so (`accept_ra=2`). If false and one is off, the agent refuses to"
              + " start and says so.");
  static final Option<String> NODE_PORT_ADDRESSES =
      Option.list(
          "nodePortAddresses",
          "IP networks",
          false,
          Values::network,
          "Which of the node's own addresses serve node ports and health checks of load balancers:"
              + " those in one of these networks. Without it, all of them, as they come and go. Never"
              + " loopback and link-local addresses, nor the pod network's own.");
  static final Option<String> EXTERNAL_IP_CIDRS =
      Option.listWithDefault(
          "externalIpCidrs",
          "IP networks",
          "0.0.0.0/0, ::/0",
          Values::network,
          "The networks that `spec.externalIPs` of services may be in; others are refused with an"
              + " Event. `[]` refuses all of them. Whoever may write a Service can take the traffic"
              + " of the addresses allowed here (CVE-2020-8554). Addresses of pods, of gateways, of"
              + " services and of the API server are refused in any case.");
  static final Option<String> SERVICE_PROXY_NAME =
      Option.optional(
          "serviceProxyName",
          "label value",
          Values::labelValue,
          "Serves the services whose label `service.kubernetes.io/service-proxy-name` has this"
              + " value, and no others. Without it, the services without that label. With it,"
              + " kube-proxy may run beside this agent.");
  static final Option<String> SKIP_SERVICES =
      Option.list(
          "skipServices",
          "services as NAMESPACE/NAME, or cluster IPs",
          false,
          Values::service,
          "Services that something else on the node serves, such as the node-local DNS cache; the"
              + " agent leaves them alone.");
  static final Option<Path> CNI_SOCKET =
      Option.withDefault(
          "cniSocket",
          "absolute path",
          "/run/seine/cni.sock",
          Values::path,
          "The Unix socket where the CNI plugin reaches the agent. Only root may open it.");
  static final Option<Duration> ADDRESS_REST =
      Option.withDefault(
          "addressRest",
          "duration 0s..1h",
          "60s",
          Values.duration(Duration.ZERO, Duration.ofHours(1)),
          "How long a pod's address rests before another pod may get it, as long as others are"
              + " free.");
  static final Option<Duration> AUDIT_INTERVAL =
      Option.withDefault(
          "auditInterval",
          "duration 1s..1h",
          "60s",
          Values.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
          "How often the flows in the switch are compared with the wanted ones and repaired.");
  static final Option<Integer> REJECT_RATE =
      Option.withDefault(
          "rejectRate",
          "number 0..10000",
          "100",
          Values.integer(0, 10_000),
          "How many refusals (TCP resets, ICMP unreachables) for services without endpoints the"
              + " agent sends in a second at most; 0 for none.");
  static final Option<Boolean> ISOLATE_NAMESPACES =
      Option.withDefault(
          "isolateNamespaces",
          "true or false",
          "false",
          Values::bool,
          "Whether pods are reached from pods of their own namespace only, besides their node, where"
              + " no policy says otherwise. The label `seine.io/isolation` on a Namespace,"
              + " `enabled` or `disabled`, wins over this. Every policy, even one of the Baseline"
              + " tier, wins over both. The same on every node.");
  static final Option<Integer> POLICY_LOG_RATE =
      Option.withDefault(
          "policyLogRate",
          "number 0..10000",
          "100",
          Values.integer(0, 10_000),
          "How many connections the agent logs in a second at most of policies with the annotation"
              + " `seine.io/log`; 0 for none. How many it left out it says in the next line.");
  static final Option<String> DNS_SERVERS =
      Option.listWithDefault(
          "dnsServers",
          "services as NAMESPACE/NAME, or IP addresses",
          "kube-system/kube-dns",
          Values::service,
          "The DNS servers whose answers are believed, for policies that allow domain names: services,"
              + " by their cluster IPs and endpoints, and addresses as pods see them, such as"
              + " 169.254.20.10 of the node-local DNS cache. Whoever can answer in the place of one"
              + " of these can open any address to the pods of such policies. `[]` believes none.");
  static final Option<Duration> DNS_MIN_TTL =
      Option.withDefault(
          "dnsMinTtl",
          "duration 1s..1h",
          "5s",
          Values.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
          "For how long at least an address is allowed that DNS has given for a domain name,"
              + " whatever its TTL. Programs that remember addresses for longer than DNS says need"
              + " more; Java's do for 30 seconds.");
  static final Option<String> HTTP_ADDRESS =
      Option.withDefault(
          "httpAddress",
          "IP address",
          "127.0.0.1",
          Values::ip,
          "Where `/healthz`, `/readyz`, `/metrics` and `/status` are served. They have no"
              + " authentication.");
  static final Option<Integer> HTTP_PORT =
      Option.withDefault(
          "httpPort",
          "number 0..65535",
          "10350",
          Values.integer(0, 65535),
          "Their TCP port; 0 for" + " any free one.");
  static final Option<LogLevel> LOG_LEVEL =
      Option.withDefault(
          "logLevel",
          "one of " + Values.choices(LogLevel.class),
          "info",
          Values.oneOf(LogLevel.class),
          "The least severe messages that are logged.");

  private static final List<Option<?>> ALL =
      List.of(
          NODE_NAME,
          KUBECONFIG,
          API_SERVER,
          BRIDGE,
          DATAPATH_TYPE,
          OVSDB_SOCKET,
          OVS_RUN_DIR,
          TUNNEL_TYPE,
          TUNNEL_PORT,
          TRANSPORT_ADDRESS,
          MTU,
          SERVICE_CIDRS,
          CLUSTER_POD_CIDRS,
          MASQUERADE,
          ENABLE_IP_FORWARDING,
          NODE_PORT_ADDRESSES,
          EXTERNAL_IP_CIDRS,
          SERVICE_PROXY_NAME,
          SKIP_SERVICES,
          CNI_SOCKET,
          ADDRESS_REST,
          AUDIT_INTERVAL,
          REJECT_RATE,
          ISOLATE_NAMESPACES,
          POLICY_LOG_RATE,
          DNS_SERVERS,
          DNS_MIN_TTL,
          HTTP_ADDRESS,
          HTTP_PORT,
          LOG_LEVEL);

  private Options() {}

  public static List<Option<?>> all() {
    return ALL;
  }
}
