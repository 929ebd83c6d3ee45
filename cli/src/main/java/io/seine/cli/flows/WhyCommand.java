package io.seine.cli.flows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.agent.kube.Api;
import io.seine.cli.Output;
import io.seine.cli.SandboxOption;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine why}. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    exitCodeOnExecutionException = 2,
    description =
        "Why a connection is allowed or denied: each rule that has a say, in order, from the"
            + " policies; confirmed by what the switches on the way say they would do. Exit 0 when"
            + " it is allowed, 1 when denied (also by one endpoint of a service) or when a service"
            + " has no endpoint, 2 when that cannot be told, 3 when a switch does not do what the"
            + " policies say.")
public final class WhyCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DENIED = 1;
  private static final int DISAGREEMENT = 3;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Parameters(
      index = "0",
      paramLabel = "SRC",
      description =
          "Who connects: [NAMESPACE/]POD (the start of its name will do), a node, or an address.")
  private String source = "";

  @Parameters(
      index = "1",
      paramLabel = "DST[:PORT[/PROTOCOL]]",
      description =
          "To whom: the same, or svc/NAMESPACE/SERVICE. The port is a number, or the name that the"
              + " pod or the service has for it; without one it is a ping. The protocol is tcp,"
              + " udp or sctp. IPv6 addresses with a port are in [].")
  private String destination = "";

  @Option(
      names = "--via",
      paramLabel = "NODE",
      description =
          "By which node it comes in, if it comes from outside to a service that more than one"
              + " serves.")
  private String via = "";

  @Option(names = "-o", paramLabel = "FORMAT", description = "table or json; default: table.")
  private Output output = Output.TABLE;

  @Override
  public Integer call() {
    WhyTarget target;
    try {
      target = WhyTarget.parse(destination);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    WhyView told;
    try (SandboxView view = sandbox.attach();
        Api api = NodeFacts.api(view)) {
      told = new WhyReading(view, api).why(source, target, via);
    } catch (IllegalArgumentException e) {
      throw new SandboxException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new SandboxException("a switch cannot be asked: " + e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (output == Output.JSON) {
      out.println(json(told));
    } else {
      WhyScreen.lines(told).forEach(out::println);
    }
    out.flush();
    if (told.disagrees()) {
      return DISAGREEMENT;
    }
    return told.verdict() == WhyView.Verdict.ALLOWED ? 0 : DENIED;
  }

  private static String json(WhyView view) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(WhyJson.of(view));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
