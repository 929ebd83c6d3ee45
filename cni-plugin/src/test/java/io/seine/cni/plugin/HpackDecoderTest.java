package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 7541: its own examples (appendix C), and what a decoder has to refuse. */
class HpackDecoderTest {
  private final HpackDecoder decoder = new HpackDecoder();

  @Test
  void decodesTheLiteralExamples() throws Exception {
    // C.2.1 to C.2.4
    assertThat(decode("400a637573746f6d2d6b65790d637573746f6d2d686561646572"))
        .containsExactly(field("custom-key", "custom-header"));
    assertThat(decoder.table().size()).isEqualTo(55);
    assertThat(decode("040c2f73616d706c652f70617468"))
        .containsExactly(field(":path", "/sample/path"));
    assertThat(decode("100870617373776f726406736563726574"))
        .containsExactly(field("password", "secret"));
    assertThat(decode("82")).containsExactly(field(":method", "GET"));
    assertThat(decoder.table().dynamicEntries()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    // C.3, plain, and C.4, Huffman-coded
    "828684410f7777772e6578616d706c652e636f6d, 828684be58086e6f2d6361636865,"
        + " 828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    "828684418cf1e3c2e5f23a6ba0ab90f4ff, 828684be5886a8eb10649cbf,"
        + " 828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"
  })
  void decodesTheRequestExamples(String first, String second, String third) throws Exception {
    assertThat(decode(first))
        .containsExactly(
            field(":method", "GET"),
            field(":scheme", "http"),
            field(":path", "/"),
            field(":authority", "www.example.com"));
    assertThat(decode(second))
        .containsExactly(
            field(":method", "GET"),
            field(":scheme", "http"),
            field(":path", "/"),
            field(":authority", "www.example.com"),
            field("cache-control", "no-cache"));
    assertThat(decode(third))
        .containsExactly(
            field(":method", "GET"),
            field(":scheme", "https"),
            field(":path", "/index.html"),
            field(":authority", "www.example.com"),
            field("custom-key", "custom-value"));
    assertThat(decoder.table().size()).isEqualTo(164);
    assertThat(decoder.table().dynamicEntries()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    // C.5, plain, and C.6, Huffman-coded; the examples' table size of 256 is announced by the
    // leading 3fe101
    "3fe1014803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
        + "6e1768747470733a2f2f7777772e6578616d706c652e636f6d,"
        + " 4803333037c1c0bf, 88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a6970"
        + "7738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b"
        + "2076657273696f6e3d31",
    "3fe101488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82"
        + "ae43d3,"
        + " 4883640effc1c0bf, 88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335"
        + "dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"
  })
  void decodesTheResponseExamplesAndEvicts(String first, String second, String third)
      throws Exception {
    HeaderField date = field("date", "Mon, 21 Oct 2013 20:13:21 GMT");
    HeaderField location = field("location", "https://www.example.com");
    HeaderField priv = field("cache-control", "private");
    assertThat(decode(first)).containsExactly(field(":status", "302"), priv, date, location);
    assertThat(decoder.table().size()).isEqualTo(222);
    assertThat(decode(second)).containsExactly(field(":status", "307"), priv, date, location);
    assertThat(decode(third))
        .containsExactly(
            field(":status", "200"),
            priv,
            field("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
            location,
            field("content-encoding", "gzip"),
            field("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"));
    assertThat(decoder.table().size()).isEqualTo(215);
    assertThat(decoder.table().dynamicEntries()).isEqualTo(3);
  }

  @Test
  void anEntryLargerThanTheTableEmptiesIt() throws Exception {
    decode("3f21" + "400161" + "0162"); // size 64, then a: b (34 bytes)
    assertThat(decoder.table().dynamicEntries()).isEqualTo(1);
    decode("400161" + "28" + "63".repeat(40));
    assertThat(decoder.table().dynamicEntries()).isZero();
    assertThat(decoder.table().size()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "80, index zero",
    "be, index beyond an empty dynamic table",
    "40, literal without a name",
    "400161, literal without a value",
    "4001610562, value longer than the block",
    "7fffffffff0f, number too large",
    "7f, number cut off",
    "3fe21f, table size 4097",
    "8220, table size changed after the first field",
    "4084ffffffff, end-of-string symbol",
    "4082ffff, padding of more than seven bits",
    "408100, padding that is not all ones"
  })
  void refuses(String block, String why) {
    assertThatThrownBy(() -> decode(block)).as(why).isInstanceOf(CallException.class);
  }

  @Test
  void aBlockThatExpandsWithoutMeasureIsRefused() throws Exception {
    // Given a large entry in the table, each further byte would yield another copy of it.
    decode("400161" + "7fa11e" + "62".repeat(4000));
    assertThat(decoder.table().dynamicEntries()).isEqualTo(1);
    assertThatThrownBy(() -> decode("be".repeat(1000)))
        .isInstanceOf(CallException.class)
        .hasMessageContaining("headers");
  }

  @Test
  void randomBlocksDecodeOrAreRefusedAndTheTableKeepsItsBound() {
    Random random = new Random(7541);
    for (int i = 0; i < 50_000; i++) {
      byte[] block = new byte[random.nextInt(80)];
      random.nextBytes(block);
      HpackDecoder one = new HpackDecoder();
      try {
        assertThat(one.decode(block)).isNotNull();
      } catch (CallException expected) {
        assertThat(expected.text()).isNotEmpty();
      }
      assertThat(one.table().size()).isBetween(0, HpackTable.MAX_SIZE);
    }
  }

  private List<HeaderField> decode(String hex) throws CallException {
    return decoder.decode(HexFormat.of().parseHex(hex));
  }

  private static HeaderField field(String name, String value) {
    return new HeaderField(name, value);
  }
}
