package io.seine.cli.demo;

import io.seine.cli.sandbox.UpCommand;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code seine demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Make a cluster, use it, break it, look into it, and take it down; every statement is checked.")
public final class DemoCommand implements Callable<Integer> {
  private static final String NAME = "demo";
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    Story story = new Story(out);
    Thread onInterrupt = new Thread(() -> Sandbox.remove(NAME));
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    story.chapter("Three nodes, each with its own Open vSwitch and agent");
    try (Sandbox sandbox =
        Sandbox.up(
            SandboxSpec.helloKubernetes(NAME).withAgentOptions(Map.of("auditInterval", "5s")),
            (what, took) -> out.println("   " + UpCommand.line(what, took)))) {
      new Chapters(story, sandbox.view(), spec.commandLine().getParent()).tell();
    }
    story.chapter("Taken down");
    story.check(!Sandbox.hasRemains(NAME), "no namespace, process or file is left");
    var _ = Runtime.getRuntime().removeShutdownHook(onInterrupt);
    long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
    out.println();
    out.println(
        story.wrong() == 0
            ? "All as it should be (" + seconds + " s)."
            : story.wrong() + " statements were wrong (" + seconds + " s).");
    return story.wrong() == 0 ? 0 : 1;
  }
}
