package io.seine.cli.sandbox;

import io.seine.cli.Foreground;
import io.seine.cli.SandboxOption;
import io.seine.sandbox.SandboxView;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code seine sandbox node}. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    description =
        "Run a command on a node; Open vSwitch's tools find that node's switch by themselves.")
final class NodeCommand implements Callable<Integer> {
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Parameters(index = "0", paramLabel = "NODE")
  private String node = "";

  @Parameters(
      index = "1..*",
      paramLabel = "CMD",
      arity = "1..*",
      description = "After --, the command.")
  private List<String> command = List.of();

  @Override
  public Integer call() {
    List<String> argv;
    try (SandboxView view = sandbox.attach()) {
      argv = view.node(node).entering(command);
    }
    return Foreground.run(argv);
  }
}
