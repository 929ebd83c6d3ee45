package io.seine.ovsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The notation of RFC 7047, section 5.1, there and back. */
class ValueTest {
  private static final UUID ROW = UUID.fromString("550e8400-e29b-41d4-a716-446655440000");

  static Stream<Value> values() {
    return Stream.of(
        Value.of("a \"quoted\\"),
        Value.of(Long.MIN_VALUE),
        new Value.Real(1.5),
        Value.of(true),
        Value.of(ROW),
        Value.of(new RowRef.Named("row0")),
        Value.none(),
        Value.strings(List.of("a", "b")),
        Value.rows(List.of(RowRef.of(ROW), new RowRef.Named("row1"))),
        Value.map(Map.of("k", "v", "", "")));
  }

  @ParameterizedTest
  @MethodSource("values")
  void whatIsWrittenIsReadBack(Value value) throws Exception {
    String text = value.toJson().toString();
    assertThat(Value.fromJson(new ObjectMapper().readTree(text))).isEqualTo(value);
  }

  @Test
  void theNotationIsTheRfcs() {
    assertThat(Value.of(ROW).toJson()).hasToString("[\"uuid\",\"" + ROW + "\"]");
    assertThat(Value.rows(List.of(new RowRef.Named("r"))).toJson())
        .hasToString("[\"set\",[[\"named-uuid\",\"r\"]]]");
    assertThat(Value.map(Map.of("k", "v")).toJson()).hasToString("[\"map\",[[\"k\",\"v\"]]]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "{}", "[\"set\"]", "[\"list\",[]]", "[\"uuid\",\"no\"]"})
  void anythingElseIsRefused(String text) throws Exception {
    var json = new ObjectMapper().readTree(text);
    assertThatThrownBy(() -> Value.fromJson(json)).isInstanceOf(IllegalArgumentException.class);
  }
}
