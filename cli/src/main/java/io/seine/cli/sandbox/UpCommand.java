package io.seine.cli.sandbox;

import io.seine.sandbox.SandboxDaemon;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxSpec;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seine sandbox up}. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = "Make a sandbox; ready when every agent is.")
public final class UpCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--nodes", paramLabel = "N", defaultValue = "3", description = "Default: 3.")
  private int nodes;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = SandboxSpec.DEFAULT_NAME,
      description = "Lower-case letters and digits; default: ${DEFAULT-VALUE}.")
  private String name = SandboxSpec.DEFAULT_NAME;

  @Option(
      names = "--pod-cidr",
      paramLabel = "CIDR",
      split = ",",
      description =
          "One of each family; each node gets the next /24, of IPv6 the next /64."
              + " Default: as --stack says.")
  private List<String> podCidrs = List.of();

  @Option(
      names = "--service-cidr",
      paramLabel = "CIDR",
      split = ",",
      description = "Where cluster IPs come from, one of each family. Default: as --stack says.")
  private List<String> serviceCidrs = List.of();

  @Option(
      names = "--stack",
      paramLabel = "STACK",
      defaultValue = "ipv4",
      description = "ipv4, ipv6 or dual; default: ${DEFAULT-VALUE}.")
  private SandboxSpec.Stack stack = SandboxSpec.Stack.IPV4;

  @Option(
      names = "--zones",
      paramLabel = "ZONE",
      split = ",",
      description = "The zone of each node in turn, for example a,a,b. Default: none.")
  private List<String> zones = List.of();

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = {
        "Use this API server in place of the embedded one. Scheduling, Services and",
        "EndpointSlices are then that cluster's business; the sandbox is its nodes."
      })
  private Optional<Path> kubeconfig = Optional.empty();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    SandboxSpec standard = SandboxSpec.ofNodes(name, 1, stack);
    SandboxSpec wanted =
        SandboxSpec.ofNodes(
                name,
                nodes,
                podCidrs.isEmpty() ? standard.podCidrs() : podCidrs,
                serviceCidrs.isEmpty() ? standard.serviceCidrs() : serviceCidrs)
            .withZones(zones);
    if (kubeconfig.isPresent()) {
      if (!Files.isReadable(kubeconfig.get())) {
        throw new SandboxException("cannot read the kubeconfig " + kubeconfig.get());
      }
      wanted = wanted.withKubeconfig(kubeconfig.get());
    }
    SandboxDaemon.launch(wanted, (what, took) -> out.println(line(what, took)));
    out.println(
        "sandbox '%s' is ready (%s)"
            .formatted(name, seconds(Duration.ofNanos(System.nanoTime() - start))));
  }

  /** How a step that is done is shown, here and elsewhere. */
  public static String line(String what, Duration took) {
    return "✓ " + what + " (" + seconds(took) + ")";
  }

  private static String seconds(Duration took) {
    return "%.1f s".formatted(took.toMillis() / 1000.0);
  }
}
