import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.teavm.diagnostics.DefaultProblemTextConsumer;
import org.teavm.diagnostics.Problem;
import org.teavm.tooling.TeaVMTargetType;
import org.teavm.tooling.TeaVMTool;
import org.teavm.vm.TeaVMOptimizationLevel;

/**
 * Makes the CNI executable: TeaVM compiles the module's classes to C, a C compiler makes one static
 * file of it. Run by the Maven build as a single source file when the classes are newer than the
 * executable; arguments: the class path to compile (class directory and TeaVM's class library), the
 * directory for the C files, the executable.
 */
final class BuildExecutable {
  private static final String MAIN_CLASS = "io.seine.cni.plugin.Main";

  /**
   * MiB the collector may grow to and starts with: a configuration and a reply are at most a few
   * MiB.
   */
  private static final int MAX_HEAP = 32;

  private static final int MIN_HEAP = 1;

  private static final List<String> C_FLAGS =
      List.of(
          "-O2",
          "-std=gnu11",
          "-w",
          "-ffunction-sections",
          "-fdata-sections",
          "-fno-strict-aliasing");

  private static final List<String> LINK_FLAGS = List.of("-static", "-Wl,--gc-sections", "-s");

  private BuildExecutable() {}

  public static void main(String[] args) throws Exception {
    // TeaVM's own class path holds its class library, which is compiled with the plugin.
    String sources = args[0] + File.pathSeparator + System.getProperty("java.class.path");
    List<File> classPath = Stream.of(sources.split(File.pathSeparator)).map(File::new).toList();
    Path generated = Path.of(args[1]);
    Path executable = Path.of(args[2]);
    deleteTree(generated);
    generateC(classPath, generated);
    compileC(generated, executable);
  }

  private static void generateC(List<File> classPath, Path target) throws Exception {
    TeaVMTool tool = new TeaVMTool();
    tool.setClassPath(classPath);
    tool.setTargetType(TeaVMTargetType.C);
    tool.setTargetDirectory(target.toFile());
    tool.setMainClass(MAIN_CLASS);
    tool.setOptimizationLevel(TeaVMOptimizationLevel.ADVANCED);
    tool.setObfuscated(true);
    // Strict: array indices and null references are checked, as Java has it; without, C would run
    // on into other memory.
    tool.setStrict(true);
    tool.setMinHeapSize(MIN_HEAP << 20);
    tool.setMaxHeapSize(MAX_HEAP << 20);
    tool.generate();
    List<Problem> problems = tool.getProblemProvider().getSevereProblems();
    for (Problem problem : problems) {
      DefaultProblemTextConsumer text = new DefaultProblemTextConsumer();
      problem.render(text);
      System.err.println("TeaVM: " + text.getText() + " at " + problem.getLocation());
    }
    if (!problems.isEmpty()) {
      throw new IOException("TeaVM cannot compile the plugin to C: see the messages above");
    }
  }

  private static void compileC(Path generated, Path executable) throws Exception {
    Path draft = executable.resolveSibling(executable.getFileName() + ".new");
    List<String> command = new ArrayList<>();
    command.add(compiler());
    command.addAll(C_FLAGS);
    command.addAll(LINK_FLAGS);
    command.addAll(List.of("-o", draft.toString(), generated.resolve("all.c").toString(), "-lm"));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException("the C compiler failed: " + String.join(" ", command));
    }
    Files.move(draft, executable, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * musl makes the smaller and faster start of the two; glibc serves where musl is not installed.
   */
  private static String compiler() throws IOException {
    for (String name : List.of("musl-gcc", "gcc", "cc")) {
      for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
        if (Files.isExecutable(Path.of(directory, name))) {
          return name;
        }
      }
    }
    throw new IOException("no C compiler found: install musl-tools (or gcc and libc6-dev)");
  }

  private static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
