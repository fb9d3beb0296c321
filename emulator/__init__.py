"""Run a serverless application locally, whole and truthfully: template in, running application out."""
