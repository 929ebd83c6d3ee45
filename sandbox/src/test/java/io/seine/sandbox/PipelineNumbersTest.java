package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** docs/pipeline.md says what the switch of every node shows. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class PipelineNumbersTest implements Diagnostics.OnSandbox {
  private static final Pattern TABLE =
      Pattern.compile("\\| (\\d+) \\| \\w+ \\| [^|]+ \\| [^|]+ \\| (drop|nothing|(\\d+) \\w+) \\|");

  /** The agent uses it before there is any flow. */
  private static final String PROBE_ZONE = "65522";

  private static final Pattern ZONE = Pattern.compile("\\| (655\\d\\d) \\| \\w+ \\| .*");
  private static final Pattern REGISTER = Pattern.compile("\\| \\w+ \\| `(reg\\d+)[`\\[].*");
  private static final Pattern MARK = Pattern.compile("\\| \\w+ \\| `ct_mark\\[(\\d+)]` .*");
  private static final Pattern SHOWN_MARK = Pattern.compile("ct_mark=0x([0-9a-f]+)");
  private final String name = "n" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox;
  private String document;

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() throws IOException {
    QuietLogging.use();
    document = Files.readString(documentPath());
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), (what, took) -> {});
    var _ = HelloPods.apply(view());
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void theTablesOfTheDocumentAreThoseOfTheSwitch() {
    Set<Integer> documented = new TreeSet<>(missesOfDocument().keySet());
    assertThat(documented).hasSizeGreaterThan(10);
    for (SandboxNode node : view().nodes()) {
      Set<Integer> shown =
          FlowDump.of(node).flows().values().stream()
              .map(FlowDump.Entry::table)
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(shown).as(node.name()).isEqualTo(documented);
    }
  }

  @Test
  void whatNoFlowMatchesGoesWhereTheDocumentSays() {
    for (SandboxNode node : view().nodes()) {
      Map<Integer, String> shown = new TreeMap<>();
      FlowDump.of(node)
          .flows()
          .forEach((flow, entry) -> {
            if (flow.contains(" priority=0 actions=")) {
              shown.put(entry.table(), whereTo(entry.actions()));
            }
          });
      assertThat(shown).as(node.name()).isEqualTo(missesOfDocument());
    }
  }

  /** Without what is noted in registers on the way. */
  private static String whereTo(String actions) {
    return actions.substring(actions.lastIndexOf(',') + 1);
  }

  @Test
  void zonesRegistersMarksAndCookiesAreTheDocuments() {
    Set<String> zones = all(ZONE, document);
    Set<String> registers = all(REGISTER, document);
    long marks = all(MARK, document).stream().mapToLong(bit -> 1L << Integer.parseInt(bit)).sum();
    for (SandboxNode node : view().nodes()) {
      String flows = String.join("\n", FlowDump.of(node).flows().keySet());
      assertThat(flows.lines()).allMatch(line -> line.startsWith("0x5e1"));
      Set<String> shown = all(Pattern.compile("zone=(\\d+)"), flows);
      shown.add(PROBE_ZONE);
      assertThat(shown).isEqualTo(zones);
      assertThat(registers)
          .containsAll(all(Pattern.compile("(reg\\d+)"), flows.toLowerCase(java.util.Locale.ROOT)));
      for (String mark : all(SHOWN_MARK, flows)) {
        assertThat(Long.parseLong(mark, 16) & ~marks).as("ct_mark=0x" + mark).isZero();
      }
    }
  }

  @Test
  void nothingFloodsLearnsOrIsLeftToTheSwitch() {
    for (SandboxNode node : view().nodes()) {
      String dump =
          node.ovs().ofctl("-O", "OpenFlow15", "dump-flows", "br-int")
              + node.ovs().ofctl("-O", "OpenFlow15", "dump-groups", "br-int");
      assertThat(dump)
          .as(node.name())
          .doesNotContain("NORMAL")
          .doesNotContain("FLOOD")
          .doesNotContain("ALL")
          .doesNotContain("learn(");
    }
  }

  private Map<Integer, String> missesOfDocument() {
    Map<Integer, String> misses = new TreeMap<>();
    for (String line : document.lines().toList()) {
      Matcher matcher = TABLE.matcher(line);
      if (matcher.matches()) {
        String next = matcher.group(3);
        misses.put(Integer.valueOf(matcher.group(1)), next == null ? "drop" : "goto_table:" + next);
      }
    }
    return misses;
  }

  private static Set<String> all(Pattern pattern, String text) {
    return text.lines()
        .flatMap(line -> pattern.matcher(line).results())
        .map(result -> Objects.requireNonNull(result.group(1)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Path documentPath() {
    Path start = Path.of("").toAbsolutePath();
    for (Path directory = start; directory != null; directory = directory.getParent()) {
      Path file = directory.resolve("docs").resolve("pipeline.md");
      if (Files.exists(file)) {
        return file;
      }
    }
    throw new IllegalStateException("docs/pipeline.md is not above " + start);
  }
}
