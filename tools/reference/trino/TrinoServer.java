import io.trino.plugin.memory.MemoryPlugin;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.TestingSession;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/**
 * A real Trino: a coordinator that is also its only worker, with the catalogue `memory`. Prints
 * `LISTENING <address>`, and ends with its standard input.
 */
public final class TrinoServer {
  public static void main(String[] args) throws Exception {
    var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true); // Trino takes System.out
    var session = TestingSession.testSessionBuilder().setCatalog("memory").setSchema("default").build();
    Thread.currentThread()
        .setUncaughtExceptionHandler(
            (thread, error) -> {
              error.printStackTrace();
              System.exit(1); // its threads would go on
            });
    var runner = DistributedQueryRunner.builder(session).setNodeCount(1).build();
    runner.installPlugin(new MemoryPlugin());
    runner.createCatalog("memory", "memory");
    out.println("LISTENING " + runner.getCoordinator().getBaseUrl());
    while (System.in.read() >= 0) {}
    System.exit(0);
  }
}
