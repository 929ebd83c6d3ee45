package io.seine.cli.sandbox;

import io.seine.cli.Foreground;
import io.seine.cli.SandboxOption;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.netns.Namespace;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code seine sandbox exec}. */
@Command(
    name = "exec",
    mixinStandardHelpOptions = true,
    description = "Run a command in the network namespace of a pod or of a client outside.")
final class ExecCommand implements Callable<Integer> {
  private static final String CLIENT = "client/";

  @Mixin private SandboxOption sandbox = new SandboxOption();
  @Mixin private NamespaceOption namespace = new NamespaceOption();

  @Parameters(
      index = "0",
      paramLabel = "POD",
      description = "A pod's name, or client/NAME for a client made by `seine sandbox client`.")
  private String pod = "";

  @Parameters(
      index = "1..*",
      paramLabel = "CMD",
      arity = "1..*",
      description = "After --, the command.")
  private List<String> command = List.of();

  @Override
  public Integer call() {
    Namespace target;
    try (SandboxView view = sandbox.attach()) {
      target =
          pod.startsWith(CLIENT)
              ? view.client(pod.substring(CLIENT.length())).namespace()
              : view.pod(namespace.namespace(), pod);
    }
    return Foreground.run(target.entering(command));
  }
}
