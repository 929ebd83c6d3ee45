package io.seine.cli.sandbox;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine sandbox restart}. */
@Command(
    name = "restart",
    mixinStandardHelpOptions = true,
    description = "End a part of a node by a signal, and start it again.")
final class RestartCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Parameters(index = "0", paramLabel = "NODE")
  private String node = "";

  @Parameters(
      index = "1",
      paramLabel = "PART",
      description = "agent, ovs-vswitchd or ovsdb-server.")
  private String part = "";

  @Option(
      names = "--signal",
      paramLabel = "SIGNAL",
      defaultValue = "TERM",
      description = "TERM or KILL; default: TERM.")
  private String signal = "TERM";

  @Override
  public void run() {
    SandboxNode.Part chosen = part();
    try (SandboxView view = sandbox.attach()) {
      view.restart(node, chosen, signal.replaceFirst("^SIG", ""));
    }
    spec.commandLine().getOut().println(node + ": " + part + " restarted");
  }

  private SandboxNode.Part part() {
    try {
      return SandboxNode.Part.valueOf(part.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new SandboxException(
          "a node has an agent, an ovs-vswitchd and an ovsdb-server, no '" + part + "'");
    }
  }
}
