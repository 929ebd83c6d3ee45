package io.seine.cli.bench;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.cli.Output;
import io.seine.sandbox.SandboxException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measure Seine on this machine beside the named peers, in turns in one run.",
      "Exit status 0 if it could be measured, whether targets are met or not."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path LOCK = Path.of("/run/seine-bench.lock");

  /** The benchmarks. */
  enum Name {
    CNI,
    FLOWS,
    SERVICES,
    POLICY;

    Bench bench() {
      return switch (this) {
        case CNI -> new CniBench();
        case FLOWS -> new FlowsBench();
        case SERVICES -> new ServicesBench();
        case POLICY -> new PolicyBench();
      };
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "BENCH",
      description = "cni, flows, services or policy; default: all.")
  private Optional<Name> name = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "table",
      description = "table or json (with every sample); default: ${DEFAULT-VALUE}.")
  private Output output = Output.TABLE;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<Name> chosen = name.map(List::of).orElseGet(() -> Arrays.asList(Name.values()));
    List<Report> reports = new ArrayList<>();
    try (FileChannel only = FileChannel.open(LOCK, CREATE, WRITE, DELETE_ON_CLOSE)) {
      if (only.tryLock() == null) {
        throw new SandboxException(
            "another benchmark runs on this machine; each would spoil the other's figures");
      }
      if (output == Output.TABLE) {
        Machine.facts().forEach((fact, value) -> out.println(fact + ": " + value));
        out.println();
      }
      for (Name one : chosen) {
        Report report =
            one.bench()
                .run(line ->
                    err.println(one.name().toLowerCase(java.util.Locale.ROOT) + ": " + line));
        reports.add(report);
        if (output == Output.TABLE) {
          report.print(out);
          out.flush();
        }
      }
    }
    if (output == Output.JSON) {
      out.println(json(reports));
    }
    return 0;
  }

  private static String json(List<Report> reports) throws JsonProcessingException {
    ObjectNode all = JSON.createObjectNode();
    all.set("machine", JSON.valueToTree(Machine.facts()));
    var list = all.putArray("benchmarks");
    reports.forEach(report -> list.add(report.json()));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all);
  }
}
