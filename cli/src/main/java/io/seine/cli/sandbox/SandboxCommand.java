package io.seine.cli.sandbox;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code seine sandbox}. */
@Command(
    name = "sandbox",
    mixinStandardHelpOptions = true,
    description = "A cluster on this machine: namespaces as nodes, real Open vSwitch, real agents.",
    subcommands = {
      UpCommand.class,
      ApplyCommand.class,
      DeleteCommand.class,
      GetCommand.class,
      ExecCommand.class,
      ClientCommand.class,
      SetLbCommand.class,
      ReadyCommand.class,
      TerminateCommand.class,
      NodeCommand.class,
      RestartCommand.class,
      DownCommand.class
    })
public final class SandboxCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a sandbox command is needed");
  }
}
