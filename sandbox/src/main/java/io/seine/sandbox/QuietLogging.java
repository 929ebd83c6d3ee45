package io.seine.sandbox;

/** Logging of commands and of the sandbox's own process: to standard error, and not much. */
public final class QuietLogging {
  private static final String PROPERTY = "logback.configurationFile";

  private QuietLogging() {}

  /** Chooses the configuration; to be called before anything logs. */
  public static void use() {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, "io/seine/sandbox/logback.xml");
    }
    System.setProperty("java.util.logging.config.class", Silence.class.getName());
  }

  /** Configures java.util.logging, which only the API server mock uses, to say nothing. */
  public static final class Silence {
    public Silence() {
      java.util.logging.LogManager.getLogManager().reset();
    }
  }
}
