package io.seine.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.Ip;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DnsAnswerTest {
  private static final int QUESTION = 12;

  private static Map<Ip, Long> found(Message message) throws MalformedException {
    return DnsAnswer.read(message.bytes()).orElseThrow().addresses();
  }

  @Test
  void shouldFindTheAddressesOfTheQuestionsName() throws MalformedException {
    byte[] message =
        Message.answerTo("WWW.Example.org")
            .pointer(QUESTION)
            .data("192.0.2.1", 60)
            .address("www.example.ORG", "2001:db8::1", 30)
            .bytes();

    assertThat(DnsAnswer.read(message))
        .contains(
            new DnsAnswer(
                "www.example.org",
                Map.of(Ip.parse("192.0.2.1"), 60L, Ip.parse("2001:db8::1"), 30L)));
  }

  @Test
  void shouldFollowAliasesWithinTheAnswerAndTakeTheLeastTtl() throws MalformedException {
    assertThat(
            found(
                Message.answerTo("www.example.org")
                    .address("edge.cdn.example", "192.0.2.7", 300)
                    .alias("www.example.org", "www.cdn.example", 20)
                    .alias("www.cdn.example", "edge.cdn.example", 600)))
        .containsExactly(Map.entry(Ip.parse("192.0.2.7"), 20L));
  }

  @Test
  void shouldLeaveOutWhatBelongsToAnotherName() throws MalformedException {
    assertThat(
            found(
                Message.answerTo("www.example.org")
                    .address("other.example.org", "192.0.2.7", 300)
                    .alias("other.example.org", "www.example.org", 20)
                    .text("www.example.org", 300)))
        .isEmpty();
  }

  @Test
  void shouldEndWhereAliasesGoRound() throws MalformedException {
    assertThat(
            found(
                Message.answerTo("a.example")
                    .alias("a.example", "b.example", 1)
                    .alias("b.example", "a.example", 1)
                    .address("b.example", "192.0.2.1", 9)))
        .containsExactly(Map.entry(Ip.parse("192.0.2.1"), 1L));
  }

  @Test
  void shouldTakeATtlWithTheTopmostBitForZero() throws MalformedException {
    assertThat(found(Message.answerTo("a.example").address("a.example", "192.0.2.1", 1L << 31)))
        .containsExactly(Map.entry(Ip.parse("192.0.2.1"), 0L));
  }

  @Test
  void shouldNotTakeADotWithinALabelForOneBetweenTwo() throws MalformedException {
    Message message = new Message(0x8180, 1).u8(3).u8('a').u8('.').u8('b').name("example");

    assertThat(DnsAnswer.read(message.u16(1).u16(1).bytes()).orElseThrow().name())
        .isEqualTo("a\\046b.example");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nothing")
  void shouldLearnNothingFromWhatIsNoAnswer(String what, byte[] message) throws MalformedException {
    assertThat(DnsAnswer.read(message)).as(what).isEmpty();
  }

  static Stream<Arguments> nothing() {
    return Stream.of(
        Arguments.of("a question", Message.withFlags(0x0100, "a.example").bytes()),
        Arguments.of("no such name", Message.withFlags(0x8183, "a.example").bytes()),
        Arguments.of("an update", Message.withFlags(0xa800, "a.example").bytes()),
        Arguments.of("no question", new Message(0x8180, 0).bytes()),
        Arguments.of(
            "two questions",
            new Message(0x8180, 2).name("a").u16(1).u16(1).name("b").u16(1).u16(1).bytes()),
        Arguments.of("of another class", new Message(0x8180, 1).name("a").u16(1).u16(3).bytes()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void shouldRefuse(String what, byte[] message) {
    assertThatThrownBy(() -> DnsAnswer.read(message))
        .as(what)
        .isInstanceOf(MalformedException.class);
  }

  static Stream<Arguments> hostile() {
    byte[] good = Message.answerTo("a.example").address("a.example", "192.0.2.1", 1).bytes();
    String longest = "x".repeat(63) + ".";
    return Stream.of(
        Arguments.of("nothing", new byte[0]),
        Arguments.of("half a header", Arrays.copyOf(good, 11)),
        Arguments.of("half a question", Arrays.copyOf(good, 15)),
        Arguments.of("half an answer", Arrays.copyOf(good, good.length - 1)),
        Arguments.of("more answers said than are there", Message.answerTo("a").bytes(1)),
        Arguments.of(
            "65 535 answers said", Message.answerTo("a").data("192.0.2.1", 1).bytes(65535)),
        Arguments.of("a name that points at itself", new Message(0x8180, 1).pointer(12).bytes()),
        Arguments.of(
            "two names that point at each other",
            new Message(0x8180, 1).pointer(14).pointer(12).bytes()),
        Arguments.of(
            "a name that points past the end", new Message(0x8180, 1).pointer(999).bytes()),
        Arguments.of("half a pointer", new Message(0x8180, 1).u8(0xc0).bytes()),
        Arguments.of("a label of another kind", new Message(0x8180, 1).u8(0x41).u8('a').bytes()),
        Arguments.of("a label past the end", new Message(0x8180, 1).u8(63).u8('a').bytes()),
        Arguments.of("a name of 257 bytes", Message.answerTo(longest.repeat(4) + "x").bytes()),
        Arguments.of(
            "a name made long by pointing",
            Message.answerTo(longest + "x".repeat(63))
                .label("x".repeat(63))
                .label("x".repeat(63))
                .pointer(QUESTION)
                .bytes(1)),
        Arguments.of(
            "an address of three bytes",
            Message.answerTo("a")
                .name("a")
                .u16(1)
                .u16(1)
                .u16(0)
                .u16(1)
                .u16(3)
                .u16(0)
                .u8(0)
                .bytes(1)),
        Arguments.of(
            "an alias longer than its record",
            Message.answerTo("a").name("a").u16(5).u16(1).u16(0).u16(1).u16(1).name("b").bytes(1)));
  }

  @Test
  void shouldTellAnyBytesFromAMessage() {
    byte[] good =
        Message.answerTo("www.example.org")
            .alias("www.example.org", "b.example", 3)
            .address("b.example", "192.0.2.1", 1)
            .bytes();
    Random random = new Random(20_261_121);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int flips = random.nextInt(6); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(DnsAnswer.read(bytes)).isNotNull();
      } catch (MalformedException e) {
        assertThat(e).hasMessageMatching("(has|ends) .*");
      }
    }
  }
}
