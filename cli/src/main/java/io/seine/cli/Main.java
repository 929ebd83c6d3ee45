package io.seine.cli;

import io.seine.cli.bench.BenchCommand;
import io.seine.cli.demo.DemoCommand;
import io.seine.cli.flows.FlowsCommand;
import io.seine.cli.flows.WhyCommand;
import io.seine.cli.sandbox.SandboxCommand;
import io.seine.cli.status.StatusCommand;
import io.seine.sandbox.QuietLogging;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code seine} program. Exit status: 0 done, 1 failed or different, 2 wrong usage. */
@Command(
    name = "seine",
    mixinStandardHelpOptions = true,
    version = "seine 0.1.0",
    description = "A Kubernetes network on Open vSwitch.",
    subcommands = {
      SandboxCommand.class,
      FlowsCommand.class,
      WhyCommand.class,
      StatusCommand.class,
      BenchCommand.class,
      DemoCommand.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  public static void main(String[] args) {
    QuietLogging.use();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    commandLine.setExecutionExceptionHandler(Main::failed);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    return commandLine;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is needed");
  }

  /** One line for the user; the whole story with SEINE_DEBUG set. */
  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result) {
    if (System.getenv("SEINE_DEBUG") != null) {
      e.printStackTrace(command.getErr());
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    command.getErr().println("seine: " + message);
    return command.getCommandSpec().exitCodeOnExecutionException();
  }
}
