package io.seine.agent;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.ConfigException;
import io.seine.agent.config.ConfigReader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/**
 * The agent's program: {@code Main --config FILE}.
 *
 * <p>Exit codes: 0 after SIGTERM or SIGINT, with the data plane left as it is; 1 if the agent
 * cannot start or go on; 2 for a wrong command line or configuration.
 */
public final class Main {
  private static final String USAGE = "usage: seine-agent --config FILE";
  private static final AtomicInteger EXIT_CODE = new AtomicInteger();

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    if (args.length != 2 || !args[0].equals("--config")) {
      System.err.println(USAGE);
      System.exit(2);
    }
    AgentConfig config;
    try {
      config =
          ConfigReader.read(
              Path.of(args[1]), name -> Optional.ofNullable(System.getenv(name)).orElse(""));
    } catch (ConfigException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    log(config);
    Agent agent = new Agent(config, Main::fail);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(agent), "shutdown"));
    try {
      agent.start();
    } catch (StartException e) {
      fail(String.valueOf(e.getMessage()));
    }
    new CountDownLatch(1).await();
  }

  private static void log(AgentConfig config) {
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "io/seine/agent/logback.xml");
    }
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger("io.seine").setLevel(Level.toLevel(config.logLevel().name()));
    }
  }

  /** Ends the process with a reason that an operator can act on. */
  private static void fail(String reason) {
    EXIT_CODE.set(1);
    LoggerFactory.getLogger(Main.class).error("the agent ends: {}", reason);
    System.exit(1);
  }

  // A JVM that a signal ended has the signal as its exit code, whatever its hooks do; but to be
  // told
  // to stop is no failure.
  private static void end(Agent agent) {
    agent.close();
    Runtime.getRuntime().halt(EXIT_CODE.get());
  }
}
