package io.seine.sandbox.replay;

import io.seine.agent.verdict.Transport;
import io.seine.openflow.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Tables of who can reach whom:
 *
 * <pre>
 * TCP/80,ICMP   x/a  x/b
 * x/a           -    ok
 * client        X    dry
 * </pre>
 *
 * Several are kept apart by an empty line. A cell is asked for each of the protocols, and by each
 * family of the case; a head of {@code TCP/80@6} asks by IPv6 only.
 */
final class TableText {
  private static final String NOT_ASKED = "-";
  private static final String ONLY_V4 = "@4";
  private static final String ONLY_V6 = "@6";

  private TableText() {}

  private record Service(Transport transport, int port, List<Family> families) {}

  static List<Probe> parse(String text, Scene scene, List<Family> families, Set<String> outside) {
    List<Probe> probes = new ArrayList<>();
    List<String> columns = List.of();
    List<Service> services = List.of();
    for (String line : text.lines().map(String::strip).toList()) {
      List<String> words = List.of(line.split("\\s+", -1));
      if (line.isEmpty()) {
        columns = List.of();
      } else if (columns.isEmpty()) {
        columns = words.subList(1, words.size());
        columns.forEach(column -> check(column, scene, outside));
        services =
            Arrays.stream(words.getFirst().split(",")).map(s -> service(s, families)).toList();
        if (columns.isEmpty()) {
          throw new CaseException("a table without destinations: " + line);
        }
      } else {
        check(words.getFirst(), scene, outside);
        row(words, columns, services, probes);
      }
    }
    return probes;
  }

  private static void row(
      List<String> words, List<String> columns, List<Service> services, List<Probe> probes) {
    if (words.size() != columns.size() + 1) {
      throw new CaseException(
          "the row of %s has %d cells, not %d"
              .formatted(words.getFirst(), words.size() - 1, columns.size()));
    }
    for (int i = 0; i < columns.size(); i++) {
      String cell = words.get(i + 1);
      if (cell.equals(NOT_ASKED)) {
        continue;
      }
      Outcome expected =
          Outcome.of(cell)
              .orElseThrow(() -> new CaseException("a cell is ok, X, dry or -, not " + cell));
      for (Service service : services) {
        for (Family family : service.families()) {
          probes.add(
              new Probe(
                  words.getFirst(),
                  columns.get(i),
                  service.transport(),
                  service.port(),
                  family,
                  expected));
        }
      }
    }
  }

  private static Service service(String text, List<Family> families) {
    List<Family> asked = families;
    String rest = text;
    if (text.endsWith(ONLY_V4) || text.endsWith(ONLY_V6)) {
      asked = List.of(text.endsWith(ONLY_V4) ? Family.IPV4 : Family.IPV6);
      rest = text.substring(0, text.length() - ONLY_V4.length());
    }
    String[] parts = rest.split("/", 2);
    try {
      return new Service(
          Transport.valueOf(parts[0]), parts.length > 1 ? Integer.parseInt(parts[1]) : 0, asked);
    } catch (IllegalArgumentException e) {
      throw new CaseException("'%s' is not written like TCP/80 or ICMP".formatted(text), e);
    }
  }

  private static void check(String actor, Scene scene, Set<String> outside) {
    boolean known =
        actor.startsWith(Probe.SERVICE)
            ? scene.services().containsKey(CaseFile.key(actor.substring(Probe.SERVICE.length())))
            : scene.pods().containsKey(CaseFile.key(actor))
                || scene.nodes().containsKey(actor)
                || outside.contains(actor);
    if (!known) {
      throw new CaseException("nobody is called " + actor);
    }
  }

  /** The probes as tables; services and families with the same answers share one. */
  static String print(List<Probe> probes, List<Family> families) {
    Map<String, List<Probe>> byHead = new LinkedHashMap<>();
    for (Probe probe : probes) {
      String head =
          probe.service()
              + (families.size() == 1 ? "" : probe.family() == Family.IPV4 ? ONLY_V4 : ONLY_V6);
      byHead.computeIfAbsent(head, _ -> new ArrayList<>()).add(probe);
    }
    Map<String, Set<String>> heads = new LinkedHashMap<>();
    byHead.forEach(
        (head, asked) -> heads.computeIfAbsent(body(asked), _ -> new LinkedHashSet<>()).add(head));
    return heads.entrySet().stream()
        .map(table -> align(String.join(",", table.getValue()), table.getKey()))
        .collect(Collectors.joining("\n"));
  }

  private static String body(List<Probe> probes) {
    Set<String> columns =
        probes.stream()
            .map(Probe::destination)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    probes.forEach(p ->
        rows.computeIfAbsent(p.source(), _ -> new TreeMap<>())
            .put(p.destination(), p.expected().cell()));
    StringBuilder body = new StringBuilder(" " + String.join(" ", columns) + "\n");
    rows.forEach((source, cells) ->
        body.append(source)
            .append(
                columns.stream()
                    .map(c -> " " + cells.getOrDefault(c, NOT_ASKED))
                    .collect(Collectors.joining()))
            .append("\n"));
    return body.toString();
  }

  private static String align(String head, String body) {
    List<String[]> lines = (head + body).lines().map(line -> line.split(" ", -1)).toList();
    int columns = lines.getFirst().length;
    StringBuilder text = new StringBuilder();
    for (String[] line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        int column = i;
        int width = lines.stream().mapToInt(l -> l[column].length()).max().orElse(0);
        row.append(line[i]).repeat(' ', width - line[i].length() + 2);
      }
      text.append(row.toString().stripTrailing()).append("\n");
    }
    return text.toString();
  }
}
