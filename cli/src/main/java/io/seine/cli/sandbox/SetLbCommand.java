package io.seine.cli.sandbox;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.Edits;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine sandbox set-lb}. */
@Command(
    name = "set-lb",
    mixinStandardHelpOptions = true,
    description = "Write load balancer addresses into a service's status, as its controller does.")
final class SetLbCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Option(
      names = "--ip-mode",
      paramLabel = "MODE",
      defaultValue = "VIP",
      description = "VIP or Proxy; default: ${DEFAULT-VALUE}.")
  private String ipMode = "VIP";

  @Parameters(index = "0", paramLabel = "NS/NAME")
  private String service = "";

  @Parameters(
      index = "1..*",
      paramLabel = "ADDRESS",
      arity = "0..*",
      description = "None takes away those there are.")
  private List<String> addresses = List.of();

  @Override
  public void run() {
    String[] parts = service.split("/", -1);
    if (parts.length != 2) {
      throw new SandboxException("a service is named as NS/NAME, not '" + service + "'");
    }
    if (!ipMode.equals("VIP") && !ipMode.equals("Proxy")) {
      throw new SandboxException("an ipMode is VIP or Proxy, not '" + ipMode + "'");
    }
    try (SandboxView view = sandbox.attach()) {
      Edits.setLoadBalancer(view.client(), parts[0], parts[1], addresses, ipMode);
    }
    spec.commandLine()
        .getOut()
        .println(
            "service/%s: %s"
                .formatted(
                    parts[1],
                    addresses.isEmpty()
                        ? "no load balancer address"
                        : String.join(" ", addresses) + " (" + ipMode + ")"));
  }
}
