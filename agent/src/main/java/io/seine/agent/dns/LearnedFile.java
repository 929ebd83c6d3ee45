package io.seine.agent.dns;

import io.seine.agent.dns.LearnedNames.Learned;
import io.seine.agent.policy.Resolved;
import io.seine.openflow.Ip;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What has been learned, in a file, so that a restart of the agent forgets nothing: a line for each
 * address of a name, {@code NAME ADDRESS SECONDS current} or {@code lasting}, where a later line
 * wins over an earlier one of the same name and address. New lines are added before anybody relies
 * on them; removals write the file anew, and put it in place whole.
 */
public final class LearnedFile {
  /** Beside the socket of the CNI plugin. */
  public static final String NAME = "learned-names";

  private static final String LASTING = "lasting";
  private static final String CURRENT = "current";

  private final Path path;

  LearnedFile(Path path) {
    this.path = path;
  }

  void add(Collection<Learned> more) throws IOException {
    Files.writeString(
        path,
        text(more),
        StandardCharsets.US_ASCII,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  void replace(Collection<Learned> all) throws IOException {
    Path fresh = path.resolveSibling(NAME + ".new");
    Files.writeString(fresh, text(all), StandardCharsets.US_ASCII);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String text(Collection<Learned> some) {
    return some.stream()
        .map(one ->
            "%s %s %d %s%n"
                .formatted(
                    one.name(),
                    one.address(),
                    one.until().getEpochSecond(),
                    one.lasting() ? LASTING : CURRENT))
        .collect(Collectors.joining());
  }

  /** What is in it; none if there is no file. Lines that are not understood are left out. */
  List<Learned> read() throws IOException {
    Map<List<Object>, Learned> found = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(path, StandardCharsets.US_ASCII)) {
        read(line, found);
      }
    } catch (NoSuchFileException e) {
      return List.of(); // nothing has been learned yet
    }
    return List.copyOf(found.values());
  }

  private static void read(String line, Map<List<Object>, Learned> to) {
    String[] parts = line.split(" ", -1);
    if (parts.length != 4 || !(parts[3].equals(LASTING) || parts[3].equals(CURRENT))) {
      return; // half a line, of an agent that ended while it wrote
    }
    try {
      Learned one =
          new Learned(
              parts[0],
              Ip.parse(parts[1]),
              Instant.ofEpochSecond(Long.parseLong(parts[2])),
              parts[3].equals(LASTING));
      to.put(List.of(one.name(), one.address()), one);
    } catch (IllegalArgumentException | DateTimeException e) {
      return; // likewise
    }
  }

  /**
   * What the agent with this file has learned, by name.
   *
   * @throws IOException if there is such a file and it cannot be read
   */
  public static Map<String, Resolved> resolved(Path path) throws IOException {
    return byName(new LearnedFile(path).read());
  }

  static Map<String, Resolved> byName(Collection<Learned> learned) {
    Map<String, List<Learned>> names = new HashMap<>();
    learned.forEach(one -> names.computeIfAbsent(one.name(), n -> new ArrayList<>()).add(one));
    Map<String, Resolved> resolved = new HashMap<>();
    names.forEach((name, ofOne) -> resolved.put(name, LearnedNames.resolved(ofOne)));
    return resolved;
  }
}
