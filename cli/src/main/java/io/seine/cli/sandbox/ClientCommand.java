package io.seine.cli.sandbox;

import io.seine.cli.Foreground;
import io.seine.cli.SandboxOption;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.OutsideClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine sandbox client}. */
@Command(
    name = "client",
    mixinStandardHelpOptions = true,
    description = {
      "Make a host outside the cluster, in the node network, unless it is there;",
      "give it routes, and run a command there if there is one."
    })
final class ClientCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Option(
      names = "--route",
      paramLabel = "ADDRESS=NODE",
      description = "Reach an address or network through a node; may be repeated.")
  private Map<String, String> routes = Map.of();

  @Option(names = "--remove", description = "Remove the client instead.")
  private boolean remove;

  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Parameters(index = "1..*", paramLabel = "CMD", description = "After --, the command.")
  private List<String> command = List.of();

  @Override
  public Integer call() {
    OutsideClient client;
    try (SandboxView view = sandbox.attach()) {
      if (remove) {
        view.client(name).remove(view.layout());
        spec.commandLine().getOut().println("client '" + name + "' is removed");
        return 0;
      }
      client =
          view.clients().stream()
              .filter(present -> present.name().equals(name))
              .findFirst()
              .orElseGet(() -> view.addClient(name));
      routes.forEach((destination, node) -> client.route(destination, view.node(node)));
    }
    if (command.isEmpty()) {
      spec.commandLine()
          .getOut()
          .println("client '%s': %s".formatted(name, String.join(" ", client.addresses())));
      return 0;
    }
    return Foreground.run(client.namespace().entering(command));
  }
}
