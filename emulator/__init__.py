"""Run a serverless application locally: template in, running application out."""
