package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a configuration the plugin itself reads, and what it calls JSON. */
class JsonScanTest {
  @Test
  void stringsAndNumbersAtTheTopLevelAreFound() throws Exception {
    var found =
        topLevel(
            """
             { "a" : "x\\ty\\u00e9\\uD83D\\ude00\\/\\"", "n": -12.5e+3, "deep": {"a": "no", "l": [1, "2", {"a": null}, []]},
               "t": true, "unwanted": "x", "f":false,"z":null, "twice":"1", "twice":"2", "gone":"1", "gone":{}, "":"empty" }
            """);
    assertThat(found)
        .hasSize(4)
        .containsEntry("a", new JsonScan.Scalar(true, "x\ty\u00e9\ud83d\ude00/\""))
        .containsEntry("n", new JsonScan.Scalar(false, "-12.5e+3"))
        .containsEntry("twice", new JsonScan.Scalar(true, "2"))
        .containsEntry("", new JsonScan.Scalar(true, "empty"));
    assertThat(topLevel("{}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "\"a\"",
        "{",
        "{}}",
        "{} x",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":--1}",
        "{\"a\":tru}",
        "{\"a\":nul}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12",
        "{\"a\":\"\n\"}",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{\"a\":[",
        "{\"a\":1 \"b\":2}",
        "{'a':1}",
        "{\"a\":NaN}",
        "\ufeff{}",
        "{\"a\":\u0000}"
      })
  void allElseIsNotJson(String text) {
    assertThatThrownBy(() -> topLevel(text))
        .isInstanceOfSatisfying(CniException.class, e -> assertThat(e.error().code()).isEqualTo(6));
  }

  @Test
  void nestingIsBounded() throws Exception {
    assertThat(topLevel("{\"a\":" + "[".repeat(90) + "]".repeat(90) + "}")).isEmpty();
    assertThatThrownBy(() -> topLevel("{\"a\":" + "[".repeat(100_000)))
        .hasMessageContaining("levels");
    assertThatThrownBy(() -> topLevel("{\"a\":".repeat(100_000))).hasMessageContaining("levels");
  }

  @Test
  void randomTextIsReadOrRefused() {
    Random random = new Random(8259);
    String alphabet = "{}[]:,\"\\u0019ae-+. tfn\n";
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder("{\"a\":");
      for (int n = random.nextInt(20); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        assertThat(topLevel(text.toString())).isNotNull();
      } catch (CniException expected) {
        assertThat(expected.error().code()).isEqualTo(6);
      }
    }
  }

  private static Map<String, JsonScan.Scalar> topLevel(String text) throws CniException {
    return JsonScan.topLevel(
        text, Set.of("a", "n", "deep", "t", "f", "z", "l", "twice", "gone", ""));
  }
}
