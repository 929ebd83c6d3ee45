package io.seine.agent.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One option of the configuration file.
 *
 * @param key as written in the file
 * @param kind what a value is, in words, for the documentation and for error messages
 * @param list whether the file holds a list of values
 * @param defaultText the value in force when the file says nothing, as it would be written in the
 *     file, of a list its items with commas between them; empty if there is none
 * @param required whether the file must name it
 * @param description one or more sentences for the documentation
 * @param parser turns one scalar into a value; throws IllegalArgumentException saying what was
 *     wrong with it
 */
public record Option<T>(
    String key,
    String kind,
    boolean list,
    Optional<String> defaultText,
    boolean required,
    String description,
    Function<String, T> parser) {

  static <T> Option<T> withDefault(
      String key, String kind, String text, Function<String, T> parser, String description) {
    return new Option<>(key, kind, false, Optional.of(text), false, description, parser);
  }

  static <T> Option<T> optional(
      String key, String kind, Function<String, T> parser, String description) {
    return new Option<>(key, kind, false, Optional.empty(), false, description, parser);
  }

  static <T> Option<T> list(
      String key, String kind, boolean required, Function<String, T> parser, String description) {
    return new Option<>(key, kind, true, Optional.empty(), required, description, parser);
  }

  /** A list that is not empty where the file says nothing; the file can say {@code []}. */
  static <T> Option<T> listWithDefault(
      String key, String kind, String text, Function<String, T> parser, String description) {
    return new Option<>(key, kind, true, Optional.of(text), false, description, parser);
  }

  /** The default, parsed. */
  List<T> defaults() {
    return defaultText.stream()
        .flatMap(text -> Stream.of(list ? text.split(", ", -1) : new String[] {text}))
        .map(parser)
        .toList();
  }

  @Override
  public String toString() {
    return key;
  }
}
