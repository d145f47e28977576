// Loaded into every test process: a warning of the runtime fails the test file that caused it.

process.on("warning", (warning) => {
  console.error(`a warning fails the run: ${warning.stack ?? warning.message}`);
  process.exitCode = 1;
});
