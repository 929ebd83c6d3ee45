package io.seine.cli.flows;

import io.seine.cli.Table;
import io.seine.cli.flows.ServiceView.Backend;
import io.seine.cli.flows.ServiceView.Entrance;
import io.seine.cli.flows.ServiceView.From;
import io.seine.cli.flows.ServiceView.Pool;
import io.seine.cli.flows.ServiceView.Port;
import io.seine.cli.flows.ServiceView.Remembered;
import io.seine.cli.flows.ServiceView.Share;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** A service for people, on one screen. */
final class ServiceScreen {
  private static final int MOST_ROWS = 20;
  private static final String INDENT = "    ";
  private final boolean expand;
  private final List<String> lines = new ArrayList<>();

  private ServiceScreen(boolean expand) {
    this.expand = expand;
  }

  /**
   * The lines for one node.
   *
   * @param expand all endpoints and clients, however many
   */
  static List<String> lines(ServiceView view, boolean expand) {
    ServiceScreen screen = new ServiceScreen(expand);
    screen.of(view);
    return screen.lines;
  }

  private void of(ServiceView view) {
    lines.add(
        "%s: %s%s"
            .formatted(
                view.node(),
                view.service(),
                view.notServed().map(why -> " is not served: " + why).orElse("")));
    if (view.healthCheckPort() > 0) {
      lines.add("  health check at port " + view.healthCheckPort());
    }
    view.ports().forEach(this::port);
    if (!view.problems().isEmpty()) {
      lines.add("");
      lines.add("  refused or left out");
      view.problems()
          .forEach(problem -> lines.add(INDENT + problem.reason() + ": " + problem.message()));
    }
  }

  private void port(Port port) {
    lines.add("");
    lines.add(
        "  port %s%d/%s%s"
            .formatted(
                port.name().isEmpty() ? "" : port.name() + " ",
                port.port(),
                port.protocol(),
                port.affinitySeconds().isPresent()
                    ? ", a client stays with its endpoint for %s after its last new connection"
                        .formatted(time(Duration.ofSeconds(port.affinitySeconds().getAsInt())))
                    : ""));
    Table entrances = new Table("REACHED AT", "FROM", "GOES TO", "HITS", "");
    for (Entrance entrance : port.entrances()) {
      entrances.row(
          place(entrance),
          from(entrance),
          treatment(entrance),
          entrance.packets(),
          remarks(entrance));
    }
    table(entrances);
    lines.add(INDENT + through(port));
    backends(port);
    remembered(port);
  }

  private static String place(Entrance entrance) {
    String addresses =
        entrance.addresses().stream()
            .map(address -> address.bracketed() + ":" + entrance.port())
            .collect(Collectors.joining(", "));
    return switch (entrance.kind()) {
      case CLUSTER_IP -> "cluster IP " + addresses;
      case NODE_PORT -> "node port " + (addresses.isEmpty() ? "" + entrance.port() : addresses);
      case EXTERNAL_IP -> "external IP " + addresses;
      case LOAD_BALANCER -> "load balancer " + addresses;
    };
  }

  private static String from(Entrance entrance) {
    String sources =
        entrance.sources().stream().map(IpPrefix::toString).collect(Collectors.joining(", "));
    return switch (entrance.from()) {
          case EVERYWHERE -> entrance.sources().isEmpty() ? "everywhere" : "only ";
          case INSIDE -> "pods, this node" + (sources.isEmpty() ? "" : ": only ");
          case OUTSIDE -> "outside" + (sources.isEmpty() ? "" : ": only ");
        }
        + sources;
  }

  private static String treatment(Entrance entrance) {
    return switch (entrance.treatment()) {
      case ANY_ENDPOINT -> "any endpoint";
      case LOCAL_ENDPOINT -> "this node's endpoints";
      case DROPPED -> "nowhere, dropped: no endpoint on this node";
      case REFUSED -> "nowhere, refused: no endpoint";
    };
  }

  private static String remarks(Entrance entrance) {
    List<String> remarks = new ArrayList<>();
    entrance.standIn().map(Ip::toString).ifPresent(standIn -> remarks.add("as " + standIn));
    if (!entrance.sources().isEmpty() && entrance.from() != From.INSIDE) {
      remarks.add("others dropped: " + entrance.othersDropped());
    }
    if (entrance.missing() > 0) {
      remarks.add(
          "NOT IN THE SWITCH: %d flow%s"
              .formatted(entrance.missing(), entrance.missing() == 1 ? "" : "s"));
    }
    return String.join("; ", remarks);
  }

  private static String through(Port port) {
    List<String> tables = new ArrayList<>();
    if (port.entrances().stream().anyMatch(e -> e.kind() == Kind.NODE_PORT)) {
      tables.add(name(io.seine.pipeline.Table.NODE_PORT_MARK));
    }
    tables.add(name(io.seine.pipeline.Table.SERVICE_LB));
    if (port.affinitySeconds().isPresent() && !port.pools().isEmpty()) {
      tables.add(name(io.seine.pipeline.Table.AFFINITY));
      tables.add(name(io.seine.pipeline.Table.ENDPOINT_DNAT));
    }
    String groups =
        port.pools().stream().map(ServiceScreen::pool).collect(Collectors.joining(", "));
    return "by " + String.join(", ", tables) + (groups.isEmpty() ? "" : "; " + groups);
  }

  private static String pool(Pool pool) {
    return "%s %s %s"
        .formatted(
            pool.local() ? "this node's endpoints by group" : "any endpoint by group",
            Integer.toUnsignedString(pool.group()),
            pool.method().map(method -> "(" + method + ")").orElse("NOT IN THE SWITCH"));
  }

  private static String name(io.seine.pipeline.Table table) {
    return "%s (%d)"
        .formatted(io.seine.pipeline.explain.Explainer.tableName(table.number()), table.number());
  }

  private void backends(Port port) {
    if (port.backends().isEmpty()) {
      lines.add(INDENT + "no endpoints");
      return;
    }
    boolean local = port.pools().stream().anyMatch(Pool::local);
    boolean clients = port.affinitySeconds().isPresent();
    List<String> heading = new ArrayList<>(List.of("ENDPOINT", "WHO", "NODE", "STATE", "SHARE"));
    heading.add("HITS");
    if (local) {
      heading.addAll(List.of("LOCAL SHARE", "LOCAL HITS"));
    }
    if (clients) {
      heading.add("CLIENTS");
    }
    heading.add("");
    Table table = new Table(heading.toArray(String[]::new));
    List<Backend> shown = first(port.backends());
    for (Backend backend : shown) {
      List<Object> row = new ArrayList<>();
      row.add(backend.endpoint());
      row.add(backend.owner().map(Owner::toString).orElse("-"));
      row.add(backend.here() ? backend.node() + " (here)" : dash(backend.node()));
      row.add(backend.state().toString().toLowerCase(Locale.ROOT).replace('_', ' '));
      share(backend.share(), row);
      if (local) {
        share(backend.localShare(), row);
      }
      if (clients) {
        row.add(
            port.remembered().stream()
                .filter(r -> r.endpoint().equals(Optional.of(backend.endpoint())))
                .count());
      }
      row.add(backend.unused().isEmpty() ? "" : "not used: " + backend.unused());
      table.row(row.toArray());
    }
    table(table);
    more(shown.size(), port.backends().size(), "endpoints");
  }

  private static void share(Optional<Share> share, List<Object> row) {
    row.add(share.map(s -> String.format(Locale.ROOT, "%.1f %%", 100 * s.part())).orElse("-"));
    row.add(share.map(s -> Long.toUnsignedString(s.hits())).orElse("-"));
  }

  private void remembered(Port port) {
    if (port.affinitySeconds().isEmpty()) {
      return;
    }
    if (port.remembered().isEmpty()) {
      lines.add(INDENT + "no client is remembered");
      return;
    }
    Table table = new Table("CLIENT", "STAYS WITH", "LAST CAME", "FORGOTTEN IN");
    List<Remembered> shown = first(port.remembered());
    for (Remembered client : shown) {
      table.row(
          client.client(),
          client.endpoint().map(Object::toString).orElse("an endpoint that is gone"),
          time(client.idle()) + " ago",
          time(client.left()));
    }
    table(table);
    more(shown.size(), port.remembered().size(), "clients");
  }

  private <T> List<T> first(List<T> all) {
    return expand ? all : all.subList(0, Math.min(MOST_ROWS, all.size()));
  }

  private void more(int shown, int all, String what) {
    if (shown < all) {
      lines.add(INDENT + "and %d more %s (--expand: all)".formatted(all - shown, what));
    }
  }

  private void table(Table table) {
    StringWriter text = new StringWriter();
    table.print(new PrintWriter(text, true));
    text.toString().lines().forEach(line -> lines.add(INDENT + line.stripTrailing()));
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static String time(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7200
        ? seconds / 60 + " min"
        : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }
}
