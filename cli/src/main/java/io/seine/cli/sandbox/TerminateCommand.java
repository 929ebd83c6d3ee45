package io.seine.cli.sandbox;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.Edits;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine sandbox terminate}. */
@Command(
    name = "terminate",
    mixinStandardHelpOptions = true,
    description = "Delete a pod that goes on serving until its grace period is over.")
final class TerminateCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();
  @Mixin private NamespaceOption namespace = new NamespaceOption();

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "Default: ${DEFAULT-VALUE}.")
  private int grace = 30;

  @Parameters(index = "0", paramLabel = "POD")
  private String pod = "";

  @Override
  public void run() {
    if (grace < 0) {
      throw new SandboxException("a grace period is no less than 0 s, not " + grace);
    }
    try (SandboxView view = sandbox.attach()) {
      Edits.terminate(view.client(), namespace.namespace(), pod, Duration.ofSeconds(grace));
    }
    spec.commandLine().getOut().println("pod/%s is terminating, for %d s".formatted(pod, grace));
  }
}
