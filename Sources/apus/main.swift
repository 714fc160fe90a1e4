import Host

StandardStreams.exit(Program.run(Array(CommandLine.arguments.dropFirst())))
