package io.seine.cli.flows;

import io.seine.pipeline.Owner;
import io.seine.pipeline.Table;
import io.seine.sandbox.SandboxException;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** Which flows to show; all that are given must hold. */
final class FlowFilter {
  @Option(
      names = "--pod",
      paramLabel = "NS/NAME",
      description = "Flows of this pod, or that name it.")
  private Optional<String> pod = Optional.empty();

  @Option(
      names = "--service",
      paramLabel = "NS/NAME",
      description = "Flows of this service, or that name it.")
  private Optional<String> service = Optional.empty();

  @Option(names = "--table", paramLabel = "T", description = "One table, by name or number.")
  private Optional<String> table = Optional.empty();

  Predicate<FlowLine> predicate() {
    Predicate<FlowLine> all = line -> true;
    if (pod.isPresent()) {
      all = all.and(about("pod", pod.get(), Owner.Pod::new));
    }
    if (service.isPresent()) {
      all = all.and(about("service", service.get(), Owner.Service::new));
    }
    if (table.isPresent()) {
      int number = tableNumber(table.get());
      all = all.and(line -> line.installed().flow().table() == number);
    }
    return all;
  }

  private interface OwnerOf {
    Owner of(String namespace, String name);
  }

  private static Predicate<FlowLine> about(String kind, String text, OwnerOf ownerOf) {
    String[] parts = text.contains("/") ? text.split("/", 2) : new String[] {"default", text};
    Owner owner = ownerOf.of(parts[0], parts[1]);
    String words = kind + " " + parts[0] + "/" + parts[1] + " ";
    return line ->
        line.owner().filter(owner::equals).isPresent()
            || (line.match() + " " + line.actions() + " ").contains(words);
  }

  private static int tableNumber(String text) {
    Optional<Table> known = Table.named(text);
    if (known.isPresent()) {
      return known.get().number();
    }
    if (text.matches("[0-9]{1,3}")) {
      return Integer.parseInt(text);
    }
    throw new SandboxException(
        "no table '" + text + "'; tables have the names of docs/pipeline.md");
  }
}
