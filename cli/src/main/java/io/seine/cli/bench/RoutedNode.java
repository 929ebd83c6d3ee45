package io.seine.cli.bench;

import io.seine.sandbox.SandboxView;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.process.CommandFailed;
import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The peer: a node whose pods are connected by the kernel's own routing, one veth pair and one host
 * route each, and whose services are rules of nftables as kube-proxy lays them out.
 */
final class RoutedNode {
  private static final String GATEWAY = "169.254.1.1";

  /** One transaction with all of 10 000 services takes the kernel minutes. */
  static final int SERVICES_IN_A_TRANSACTION = 500;

  private static final long LOAD_SECONDS = 120;
  private final ServiceLoad.Many load;
  private final Namespace namespace;
  private final BenchPods pods;
  private final Path directory;
  private final KubeProxyRules rules = new KubeProxyRules(SyntheticServices.POD_CIDR);
  private int generation;

  private RoutedNode(ServiceLoad.Many load, Namespace namespace, BenchPods pods, Path directory) {
    this.load = load;
    this.namespace = namespace;
    this.pods = pods;
    this.directory = directory;
  }

  /** Makes a node with its pods and without services. */
  static RoutedNode create(SandboxView view, ServiceLoad.Many load, Cidr podCidr)
      throws IOException {
    String name = "peer-" + load.count();
    Path directory = Files.createDirectory(view.layout().directory().resolve(name));
    Namespace node = Namespace.create(view.layout().namespacePrefix() + name);
    node.option("ipv4/ip_forward", "1");
    node.ip("addr add " + GATEWAY + "/32 dev lo");
    List<BenchPods.Pod> pods = new ArrayList<>();
    for (int i = 0; i < BenchPods.CLIENTS + BenchPods.SERVERS; i++) {
      Namespace pod = Namespace.create(view.layout().podNamespacePrefix() + name + "-" + i);
      String address = podCidr.at(2 + i);
      node.ip(
          "link add pod%d type veth peer name eth0 netns %s".formatted(i, pod.name()),
          "link set pod%d up".formatted(i),
          "route add %s/32 dev pod%d".formatted(address, i));
      pod.ip(
          "addr add " + address + "/32 dev eth0",
          "link set eth0 up",
          "route add " + GATEWAY + " dev eth0 scope link",
          "route add default via " + GATEWAY);
      pods.add(new BenchPods.Pod(pod, address));
    }
    return new RoutedNode(load, node, BenchPods.of(pods), directory);
  }

  BenchPods pods() {
    return pods;
  }

  /** Puts all services into the kernel; returns the milliseconds it took. */
  double load() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (int from = 0; from < load.count(); from += SERVICES_IN_A_TRANSACTION) {
      StringBuilder text = new StringBuilder(from == 0 ? rules.base() : "");
      int end = Math.min(load.count(), from + SERVICES_IN_A_TRANSACTION);
      for (int number = from; number < end; number++) {
        text.append(rules.added(service(number, 0)));
      }
      files.add(Files.writeString(directory.resolve("services-" + from + ".nft"), text));
    }
    long start = System.nanoTime();
    for (Path file : files) {
      transact(file);
    }
    return (System.nanoTime() - start) / 1e6;
  }

  /**
   * Changes one endpoint of a service that gets no traffic, or of the first if all get some, and
   * changes it back; returns the milliseconds that each of the two took.
   */
  List<Double> change() throws IOException, InterruptedException {
    int number = load.count() - 1;
    List<Double> took = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      KubeProxyRules.Service before = service(number, generation);
      KubeProxyRules.Service after = service(number, ++generation);
      Path file = directory.resolve("change.nft");
      Files.writeString(file, rules.changed(before, after));
      long start = System.nanoTime();
      transact(file);
      took.add((System.nanoTime() - start) / 1e6);
    }
    return took;
  }

  private KubeProxyRules.Service service(int number, int generation) {
    boolean served = load.served().contains(number);
    List<String> addresses =
        new ArrayList<>(
            served ? pods.serverAddresses() : ServiceLoad.Many.remote(number, generation));
    if (served && generation % 2 == 1) {
      addresses.set(0, SyntheticServices.remote(16 * number));
    }
    return new KubeProxyRules.Service(
        SyntheticServices.namespace(number) + "/" + SyntheticServices.name(number),
        SyntheticServices.clusterIp(number),
        SyntheticServices.PORT,
        addresses.stream()
            .map(address -> new KubeProxyRules.Endpoint(address, SyntheticServices.TARGET_PORT))
            .toList());
  }

  private void transact(Path file) throws IOException, InterruptedException {
    Path output = directory.resolve("nft.out");
    List<String> argv = namespace.entering(List.of("nft", "-f", file.toString()));
    Process process =
        new ProcessBuilder(argv).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    if (!process.waitFor(LOAD_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "nft still works on %s after %d s; killed".formatted(file, LOAD_SECONDS));
    }
    if (process.exitValue() != 0) {
      throw new CommandFailed(
          argv, new Commands.Result(process.exitValue(), "", Files.readString(output)));
    }
  }
}
