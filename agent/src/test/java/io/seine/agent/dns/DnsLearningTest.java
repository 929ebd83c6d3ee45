package io.seine.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.policy.DomainPattern;
import io.seine.agent.policy.Resolved;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PolicyRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsLearningTest {
  private static final PolicyRef POLICY =
      new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", "p");
  private static final String NAME = "www.example.org";

  @TempDir Path directory;

  private final Map<String, Resolved> told = new HashMap<>();
  private final List<CompletableFuture<Set<Owner>>> wished = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<String> tracked = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-21T12:00:00Z");
  private int looks;
  private DnsLearning learning = of(Path.of("not there"));

  @BeforeEach
  void begin() {
    learning = start();
  }

  private DnsLearning start() {
    DnsLearning started = of(directory.resolve(LearnedFile.NAME));
    started.start();
    return started;
  }

  private DnsLearning of(Path file) {
    return new DnsLearning(new Facts(), file, this::read, Duration.ofSeconds(5), () -> now);
  }

  private void read(Consumer<String> line) throws IOException {
    looks++;
    tracked.forEach(line);
  }

  private final class Facts implements DnsLearning.Facts {
    @Override
    public Map<DomainPattern, Set<PolicyRef>> domains() {
      return Map.of(new DomainPattern("*.example.org"), Set.of(POLICY));
    }

    @Override
    public CompletableFuture<Set<Owner>> resolve(Map<String, Resolved> changed) {
      told.putAll(changed);
      wished.add(new CompletableFuture<>());
      return wished.getLast();
    }

    @Override
    public void warn(PolicyRef policy, String reason, String message) {
      warnings.add(policy + " " + reason + ": " + message);
    }
  }

  private static DnsAnswer answer(String name, long ttl, String... addresses) {
    return new DnsAnswer(
        name, Arrays.stream(addresses).collect(Collectors.toMap(Ip::parse, ip -> ttl)));
  }

  private static Resolved resolved(String current, String lasting) {
    return new Resolved(ips(current), ips(lasting));
  }

  private static Set<Ip> ips(String text) {
    return Arrays.stream(text.split(" ", -1))
        .filter(t -> !t.isEmpty())
        .map(Ip::parse)
        .collect(Collectors.toSet());
  }

  private Set<Ip> current(String name) {
    return told.getOrDefault(name, Resolved.NONE).current();
  }

  private void pass(long seconds) {
    now = now.plusSeconds(seconds);
    learning.tick();
  }

  private void connectedTo(String address) {
    tracked.add(
        "tcp,orig=(src=10.0.1.2,dst=%s,sport=4000,dport=443),reply=(src=%s,dst=10.0.1.2,sport=443,dport=4000),zone=65520"
            .formatted(address, address));
  }

  @Test
  void shouldTellOfNamesThatPoliciesSpeakOfAndNoOthers() {
    assertThat(learning.learn(answer("example.org", 60, "192.0.2.1"))).isEmpty();
    assertThat(learning.learn(answer(NAME, 60))).as("without addresses").isEmpty();

    assertThat(learning.learn(answer(NAME, 60, "192.0.2.1", "2001:db8::1"))).isPresent();

    assertThat(told).isEqualTo(Map.of(NAME, resolved("192.0.2.1 2001:db8::1", "")));
  }

  @Test
  void shouldMakeAnAnswerWithWhatIsKnownWaitForTheFirstOne() {
    var first = learning.learn(answer(NAME, 60, "192.0.2.1")).orElseThrow();
    var second = learning.learn(answer(NAME, 60, "192.0.2.1")).orElseThrow();

    assertThat(wished).hasSize(1);
    assertThat(second).isSameAs(first).isNotCompleted();
    wished.getFirst().complete(Set.of());
    assertThat(learning.learn(answer(NAME, 60, "192.0.2.1")).orElseThrow()).isCompleted();
  }

  @Test
  void shouldCloseAnAddressWhenItsTimeIsOverButNotToOpenConnections() {
    learning.learn(answer(NAME, 60, "192.0.2.1", "192.0.2.2"));
    connectedTo("192.0.2.1");
    pass(59);
    assertThat(told).containsEntry(NAME, resolved("192.0.2.1 192.0.2.2", ""));

    pass(1);
    assertThat(current(NAME)).isEmpty();
    pass(10);
    assertThat(told).containsEntry(NAME, resolved("", "192.0.2.1"));

    tracked.clear();
    pass(10);
    assertThat(told).containsEntry(NAME, Resolved.NONE);
    assertThat(learning.size()).isEqualTo(new DnsLearning.Size(0, 0));
    int before = looks;
    pass(60);
    assertThat(looks).as("nothing to look for").isEqualTo(before);
  }

  @Test
  void shouldOpenAnAddressAgainThatIsAnsweredAgain() {
    learning.learn(answer(NAME, 10, "192.0.2.1"));
    connectedTo("192.0.2.1");
    pass(30);
    assertThat(told).containsEntry(NAME, resolved("", "192.0.2.1"));

    learning.learn(answer(NAME, 10, "192.0.2.1"));

    assertThat(told).containsEntry(NAME, resolved("192.0.2.1", ""));
  }

  @Test
  void shouldKeepWithinTheShortestAndTheLongestTime() {
    learning.learn(answer("a.example.org", 0, "192.0.2.1"));
    learning.learn(answer("b.example.org", 0x7fff_ffffL, "192.0.2.2"));
    pass(4);
    assertThat(current("a.example.org")).isNotEmpty();
    pass(1);
    assertThat(current("a.example.org")).isEmpty();
    pass(Duration.ofDays(1).toSeconds());
    assertThat(current("b.example.org")).isEmpty();
  }

  @Test
  void shouldNotShortenATimeByAnotherAnswer() {
    learning.learn(answer(NAME, 60, "192.0.2.1"));
    learning.learn(answer(NAME, 10, "192.0.2.1"));
    pass(30);

    assertThat(told).containsEntry(NAME, resolved("192.0.2.1", ""));
  }

  @Test
  void shouldRememberAllOfItAfterARestart() {
    learning.learn(answer(NAME, 60, "192.0.2.1"));
    learning.learn(answer("old.example.org", 5, "2001:db8::5"));
    connectedTo("2001:db8::5");
    pass(10);
    learning.learn(answer(NAME, 60, "192.0.2.1", "192.0.2.2"));
    Map<String, Resolved> before = Map.copyOf(told);
    told.clear();

    learning = start();

    assertThat(told).isEqualTo(before);
    pass(59);
    assertThat(current(NAME)).contains(Ip.parse("192.0.2.2"));
    pass(1);
    assertThat(current(NAME)).isEmpty();
  }

  @Test
  void shouldNotLoseATimeThatWasExtendedJustBeforeARestart() {
    learning.learn(answer(NAME, 10, "192.0.2.1"));
    pass(9);
    learning.learn(answer(NAME, 10, "192.0.2.1"));

    learning = start();
    pass(5);

    assertThat(told).containsEntry(NAME, resolved("192.0.2.1", ""));
  }

  @Test
  void shouldHaveWrittenBeforeItIsRelied() throws IOException {
    learning.learn(answer(NAME, 60, "192.0.2.1"));

    assertThat(LearnedFile.resolved(directory.resolve(LearnedFile.NAME)))
        .isEqualTo(Map.of(NAME, resolved("192.0.2.1", "")));
  }

  @Test
  void shouldReadWhatALineThatWasCutOffLeaves() throws IOException {
    Files.writeString(
        directory.resolve(LearnedFile.NAME),
        """
        a.example.org 192.0.2.1 1795000000 current
        a.example.org 192.0.2.1 1795000000 lasting
        b.example.org 192.0.2 1795000000 current
        b.example.org 192.0.2.2 x current
        b.example.org 192.0.2.2 17950\
        """);

    assertThat(LearnedFile.resolved(directory.resolve(LearnedFile.NAME)))
        .isEqualTo(Map.of("a.example.org", resolved("", "192.0.2.1")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"b.example.org 192.0.2.2 17950", "spoilt \u00e4\n"})
  void shouldNotLoseWhatIsLearnedAfterSuchALine(String left) throws IOException {
    Path file = directory.resolve(LearnedFile.NAME);
    Files.writeString(file, left);
    learning = start();

    learning.learn(answer(NAME, 60, "192.0.2.1"));

    assertThat(LearnedFile.resolved(file)).isEqualTo(Map.of(NAME, resolved("192.0.2.1", "")));
  }

  @Test
  void shouldForgetWhatIsOverFirstWhereThereIsTooMuch() {
    learning.learn(answer(NAME, 30, "203.0.113.1"));
    learning.learn(answer("other.example.org", 10, "203.0.113.2"));
    for (int i = 0; i < 10; i++) {
      learning.learn(answer(NAME, 60, many(i)));
    }

    assertThat(current(NAME))
        .hasSize(LearnedNames.MOST_OF_ONE)
        .doesNotContain(Ip.parse("203.0.113.1"));
    assertThat(current("other.example.org")).hasSize(1);
    assertThat(warnings).hasSize(1).first().asString().contains("TooManyAddresses");
  }

  private static String[] many(int batch) {
    return IntStream.range(0, 150)
        .mapToObj(i -> "10.9.%d.%d".formatted(batch, i))
        .toArray(String[]::new);
  }

  @Test
  void shouldKeepAddressesWhileConnectionsCannotBeRead() {
    learning.learn(answer(NAME, 10, "192.0.2.1"));
    DnsLearning blind =
        new DnsLearning(
            new Facts(),
            directory.resolve(LearnedFile.NAME),
            line -> {
              throw new IOException("not now");
            },
            Duration.ofSeconds(5),
            () -> now);
    blind.start();
    now = now.plusSeconds(100);
    blind.tick();

    assertThat(told).containsEntry(NAME, resolved("", "192.0.2.1"));
  }
}
